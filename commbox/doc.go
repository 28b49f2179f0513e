// Package commbox calls the API of CommBox, the customer-communication platform.
// Its main job is to put a file into WhatsApp and get the media ID back:
//
//	client, err := commbox.New(commbox.APIKeyEnv("COMMBOX_API_KEY"))
//	media, err := client.UploadMedia(ctx, streamID, commbox.FromPath("offer.pdf"))
//	fmt.Println(media.ID)
//
// Every other operation of CommBox's document is in the generated client that
// [Client.API] returns, and goes through the same chain as UploadMedia:
//
//	retry → per attempt: key → timeouts → round trip → bounded answer → *Error
//
// # Authentication
//
// A [KeySource] yields the API key of each attempt: [APIKey], [APIKeyEnv],
// [APIKeyFile] (read again when it changes, for keys that rotate) or a [KeyFunc].
// Keys are made in the CommBox console under Settings > API. The key appears in no
// error, log line or event of this package, also where a server echoes it.
//
// # Uploads
//
// [FromPath], [FromFS], [FromBytes] and [FromReader] make a [File]. It is streamed,
// never kept in memory; [Spool] keeps what can be read only once, so that it can be
// sent again. The type follows from the name, else from the first bytes. What
// WhatsApp would refuse is refused before a byte is sent, with the remedy: a type on
// no list of Meta's, a size over its limit, or first bytes that show another format
// than the name ([WithoutMediaLimits] turns that off). Stream IDs are taken raw or
// percent-encoded. [Client.UploadAll] uploads any number of files with a bounded
// number of workers. A media ID expires after 30 days (Meta).
//
// From 1 MiB on an upload is announced with Expect: 100-continue, so that a refusal
// costs no upload and is never lost. The announcement takes a round trip: it is made
// until an upload was accepted, and again after any failure; a file that can be read
// only once is always announced. Nothing follows a redirect.
//
// # Retries
//
// By default a call is tried four times, after delays with full jitter (from 50 ms,
// or 1 s after a 429, up to 20 s) or after the Retry-After of the answer, which is
// never cut short; see [RetryPolicy]. A wait that cannot end before the deadline of
// the context, or is longer than MaxRetryAfter, is not begun: the last answer is
// returned at once.
//
//	what happened                              repeat-safe   any other call
//	no connection                              again         again
//	429                                        again         again
//	503 with Retry-After                       again         again
//	408, 500, 502, 503, 504                    again         MaybeDelivered
//	lost, stalled, timed out, cut answer       again         MaybeDelivered
//	2xx before the body was sent               again         MaybeDelivered
//	complete 2xx of no use                     ErrInvalidResponse
//	401, and the key has changed since         once          once
//	any other 4xx, 501, redirects              no            no
//	untrusted certificate, unusable input      no            no
//	the caller's context has ended             no            no
//	the file cannot be read again              ErrNotReplayable
//
// Repeat-safe are UploadMedia (a second upload leaves an unused media object and
// sends nothing), GET, HEAD, PUT, DELETE, and calls with [RepeatSafe]. [Attempts] and
// [Key] change one call. After a 429 all calls of a client wait, for MaxRetryAfter at
// the longest. When most calls fail, a budget that only successes
// refill keeps retries from adding to the load.
//
// There is no limit to the total time but the caller's context. An attempt ends
// when nothing moves for 30 s while sending ([WithStallTimeout]), or when the answer
// is not there 2 minutes after the last byte ([WithResponseTimeout]).
//
// # Errors
//
// Every error of New, UploadMedia and UploadAll is an [*Error], with the server's
// last answer, and so is that of a call by API() that was sent. errors.Is finds its
// one kind ([ErrUnauthorized], [ErrRateLimited], [ErrConnection], …) and its cause (context.Canceled,
// os.ErrNotExist, …). [RetryLater] tells a job queue whether and when another call
// makes sense.
//
// # Watching and testing
//
// [WithLogger] and [WithObserver] tell of every attempt; tracing goes into the
// caller's own http.Client ([WithHTTPClient], [NewTransport]). Package commboxtest
// is a CommBox on loopback, with faults to order, for tests of programs that use
// this package.
package commbox
