// Package commbox calls the API of CommBox, the customer-communication platform.
// Its main job is to put a file into WhatsApp and get the media ID back:
//
//	client, err := commbox.New(commbox.APIKeyEnv("COMMBOX_API_KEY"))
//	media, err := client.UploadMedia(ctx, streamID, commbox.FromPath("offer.pdf"))
//	fmt.Println(media.ID)
//
// [Client.API] returns the generated client, which has every other operation of
// CommBox's document. Its calls go through the same chain as UploadMedia:
//
//	retry → per attempt: key → timeouts → round trip → bounded answer → *Error
//
// # Authentication
//
// A [KeySource] yields the API key for each attempt: [APIKey], [APIKeyEnv],
// [APIKeyFile] (for keys that rotate) or a [KeyFunc]. Keys are made in the CommBox
// console under Settings > API. The key appears in no error, log line or event of
// this package, even if a server echoes it.
//
// # Uploads
//
// [FromPath], [FromFS], [FromBytes] and [FromReader] make a [File]. It is streamed,
// never kept in memory. [Spool] stores a file that can be read only once, so that it
// can be sent again. The content type follows from the file name, or else from the
// first bytes. A stream ID may be raw or percent-encoded. A media ID expires after 30
// days (Meta). [Client.UploadAll] uploads any number of files with a bounded number
// of workers.
//
// A file that WhatsApp would refuse is refused before a byte is sent, and the error
// says what to do. Such a file has a type that is not on Meta's lists, is over the
// size limit of its type, or starts with the bytes of another format than its name
// says. [WithoutMediaLimits] turns these checks off.
//
// An upload of 1 MiB or more is announced with Expect: 100-continue: the server can
// refuse it before the file is sent, and a connection reset cannot destroy the refusal.
// An announcement takes a round trip, so it is made only until the server has accepted
// an upload, and again after any failure. A file that can be read only once is always
// announced. Redirects are not followed.
//
// # Retries
//
// By default a call is tried up to four times. The delay before a retry is at least the
// Retry-After of the answer, which is never cut short. Without one, the delay is
// random (full jitter); its upper bound starts at 50 ms, or at 1 s after a 429, and
// grows to 20 s. See [RetryPolicy]. A wait that cannot end before the deadline of the
// context, or is longer than MaxRetryAfter, is not begun: the call returns the last
// answer at once.
//
//	what happened                              repeat-safe   any other call
//	no connection                              again         again
//	429                                        again         again
//	503 with Retry-After                       again         again
//	408, 500, 502, 503, 504                    again         MaybeDelivered
//	lost, stalled, timed out, answer cut off   again         MaybeDelivered
//	2xx before the body was sent               again         MaybeDelivered
//	complete but unusable 2xx                  ErrInvalidResponse
//	401, and the key has changed since         once          once
//	any other 4xx, 501, redirects              no            no
//	untrusted certificate, unusable input      no            no
//	the caller's context has ended             no            no
//	the file cannot be read again              ErrNotReplayable
//
// These calls are repeat-safe: UploadMedia (a second upload leaves an unused media
// object and sends nothing to anyone), GET, HEAD, PUT, DELETE, and calls with
// [RepeatSafe]. [Attempts] and [Key] change one call. After a 429 all calls of a
// client wait, for at most MaxRetryAfter. They then come back at random times (an
// eighth of the wait, 1 s to 20 s), not all at once. A retry budget keeps retries from
// adding to the load when most calls fail; only successes refill it.
//
// The total time is limited only by the caller's context. An attempt fails when
// nothing moves for 30 s while sending ([WithStallTimeout]), or when the answer is
// not complete 2 minutes after the last byte was sent ([WithResponseTimeout]).
//
// # Errors
//
// New, UploadMedia and UploadAll return every error as an [*Error], and so does a
// call by API() that was sent. An Error holds the server's last answer. errors.Is
// finds its one kind ([ErrUnauthorized], [ErrRateLimited], [ErrConnection], …) and
// its cause (context.Canceled, os.ErrNotExist, …). [RetryLater] tells a job queue
// whether another call makes sense, and when.
//
// # Watching and testing
//
// [WithLogger] and [WithObserver] report every attempt. For tracing, use an
// http.Client of your own ([WithHTTPClient], [NewTransport]). Package commboxtest is
// a CommBox on loopback for tests of programs that use this package; it plays the
// faults that a test asks for.
package commbox
