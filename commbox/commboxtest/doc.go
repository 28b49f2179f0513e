// Package commboxtest is CommBox on a loopback port of the machine, for the
// tests of programs that use package commbox. It is shaped like
// [net/http/httptest]: real connections, nothing to install, no account.
//
//	func TestOffer(t *testing.T) {
//		server := commboxtest.New(t)
//		media, err := server.Client().UploadMedia(t.Context(), streamID, file)
//		...
//	}
//
// [New] closes the server when the test ends, and fails the test if a request
// broke the contract. [NewServer] leaves both to the caller. [WithTLS] serves
// HTTPS. A program that makes its own client
// takes [Server.URL], [Server.Key] and, over TLS, [Server.HTTPClient] or
// [Server.Certificate]; the command takes the first two from COMMBOX_BASE_URL
// and COMMBOX_API_KEY.
//
// # What it serves
//
// The server is driven by the OpenAPI document that the client was generated
// from, or by the one that [WithDocument] gives it. Each operation answers with
// the document's example, or where that contradicts its schema or is missing, with
// a value made after the schema; what matches a pattern, the document has to show.
// An answer without documented content has none.
// An answer that lists files by id and filename lists those that were uploaded,
// each under a media ID of its own.
//
// # What arrived
//
// [Server.Uploads] tells name, type, size, SHA-256, stream ID and attempt of every
// file that was stored. Files are hashed as they come in and never kept, so their
// size costs nothing. [Server.Requests] is the log of all requests, and [Calls]
// the typed list of those to one operation.
//
// # The contract
//
// Each request is held to the document: path, method, key, parameters, content
// type, parts of a form, JSON. One that breaks the contract is answered with the
// document's 400 (401, 404, 405) and noted in [Server.Violations] in a sentence
// that ends with the JSON pointer of the rule:
//
//	POST /whatsapp/uploadmedia/x: multipart part "file" is not in the document (want "pic"): /paths/~1whatsapp~1uploadmedia~1{ENCRYPTED_STREAM_ID}/post/requestBody/content/multipart~1form-data/schema/properties
//
// A server of [New] fails the test for each. A wrong key is no
// violation: it is answered with 401, also after [Server.SetKey] has rotated it.
//
// # Faults
//
// [Server.Fail] writes a script of faults. Every attempt that arrives takes the
// first one that is for it; when the script is over, all is well.
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
//   - the file is stored, but the answer suffers: [LostAnswer], [Cut], [Garbled],
//     [LooseTypes], [WrongTypes]
//
// [Fault.ForStream], [Fault.ForFile] and [Fault.ForOperation] choose the attempts
// that a fault is for. [Fault.Times] makes an outage of any of them, [Fault.Forever] one that lasts
// until [Server.Recover]. [Server.Pending] tells whether the script is over. For
// a server that throttles by itself, see [WithRateLimit]; for requests that bring a
// fault of their own, [WithFaultOf].
//
// On a [Clock] retries and throttling take no time:
//
//	clock := commboxtest.NewClock()
//	server := commboxtest.New(t, commboxtest.WithClock(clock))
package commboxtest
