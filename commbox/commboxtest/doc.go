// Package commboxtest is a CommBox server on a loopback port, for the tests of
// programs that use package commbox. Like [net/http/httptest] it uses real
// connections, and needs no installation and no account.
//
//	func TestOffer(t *testing.T) {
//		server := commboxtest.New(t)
//		media, err := server.Client().UploadMedia(t.Context(), streamID, file)
//		...
//	}
//
// [New] closes the server when the test ends, and fails the test if a request
// broke the contract. With [NewServer] the caller has to do both. [WithTLS] serves HTTPS.
// A program that makes its own client uses [Server.URL], [Server.Key] and, over TLS,
// [Server.HTTPClient] or [Server.Certificate]. The command reads the URL and the key
// from COMMBOX_BASE_URL and COMMBOX_API_KEY.
//
// # What it serves
//
// The server follows the OpenAPI document that the client was generated from, or
// the document given to [WithDocument]. Each operation answers with the document's
// example. If the example is missing or contradicts its schema, the answer is made
// from the schema; a value for a pattern is taken only from an example. An answer
// without documented content has no content. If an answer lists files by id and
// filename, it lists the files that were uploaded, each with its own media ID.
//
// # What arrived
//
// [Server.Uploads] returns name, type, size, SHA-256, stream ID and attempt of every
// file that was stored. The content of a file is hashed and not kept, so large files
// need no memory. [Server.Requests] is the log of all requests. [Calls] returns the
// requests to one operation, with their JSON decoded.
//
// # The contract
//
// The server checks each request against the document: path, method, key,
// parameters, content type, parts of a form, JSON. It answers a request that breaks
// the contract with the document's 400 (401, 404, 405), and adds a sentence with the
// JSON pointer of the rule to [Server.Violations]:
//
//	POST /whatsapp/uploadmedia/x: multipart part "file" is not in the document (want "pic"): /paths/~1whatsapp~1uploadmedia~1{ENCRYPTED_STREAM_ID}/post/requestBody/content/multipart~1form-data/schema/properties
//
// With [New], each violation fails the test. A wrong key is not a violation. It is
// answered with 401, and so is the old key after [Server.SetKey].
//
// # Faults
//
// [Server.Fail] adds faults to a script. Each attempt that arrives takes the first
// fault in the script that applies to it. After the last fault the server works
// normally.
//
//	server.Fail(
//		commboxtest.Refuse().Times(2),
//		commboxtest.Reset(64<<10),
//		commboxtest.Status(429, commboxtest.Header("Retry-After", "1")),
//	)
//
// What can go wrong:
//
//   - before anything is sent: [Refuse]
//   - while the file is sent: [Reset], [Stall], [StallFor], [Slow]
//   - an answer before the file is read: [EarlyAnswer], [LateAnswer],
//     [ExpectationFailed], [ContinueIgnored]
//   - another answer: [Status], [Answer], with [Header], [Body], [Empty], [CutAfter]
//   - the file is stored, but the answer is damaged: [LostAnswer], [Cut], [Garbled],
//     [LooseTypes], [WrongTypes]
//
// [Fault.ForStream], [Fault.ForFile] and [Fault.ForOperation] choose the attempts
// that a fault applies to. [Fault.Times] repeats a fault, as in an outage.
// [Fault.Forever] repeats it until [Server.Recover]. [Server.Pending] tells whether
// faults are left. [WithRateLimit] makes a server that throttles by itself.
// [WithFaultOf] lets each request choose its own fault.
//
// With a [Clock] retries and throttling take no time:
//
//	clock := commboxtest.NewClock()
//	server := commboxtest.New(t, commboxtest.WithClock(clock))
package commboxtest
