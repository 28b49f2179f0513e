package realtest

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// Over a round trip of 80 ms a client that is being served is as fast as net/http
// by hand, whose requests announce nothing. Both go by turns over the same relay;
// the first upload of each, which opens the connection and may be announced, does
// not count.
func TestAnnouncementCostsServedClientsNothing(t *testing.T) {
	long(t)
	const (
		files = 10
		size  = 2 << 20
	)
	server := commboxtest.New(t, commboxtest.WithKey(key))
	far := func() *wire {
		w := lay(t, server.URL, nil)
		w.poison(t, poison{"latency", "upstream", `"latency": 40`})
		w.poison(t, poison{"latency", "downstream", `"latency": 40`})
		return w
	}
	data, _ := content(size, 1)
	oursAt, handAt := far(), far()
	client := oursAt.client(t)
	ours := func() {
		if _, err := client.UploadMedia(t.Context(), stream, commbox.FromBytes("offer.pdf", data)); err != nil {
			t.Fatal(err)
		}
	}
	hand := func() { byHand(t, handAt, data) }
	ours()
	hand()
	var took [2]time.Duration
	for range files {
		for i, upload := range []func(){ours, hand} {
			began := time.Now()
			upload()
			took[i] += time.Since(began)
		}
	}
	ratio := float64(took[0]) / float64(took[1])
	t.Logf("%d files of %d bytes: %v, by hand %v, ratio %.3f", files, size, took[0], took[1], ratio)
	if ratio > 1.05 {
		t.Errorf("%.1f %% slower than by hand, want at most 5", 100*(ratio-1))
	}
}

// byHand uploads as a program with nothing but net/http does.
func byHand(t *testing.T, w *wire, data []byte) {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="pic"; filename="offer.pdf"`},
		"Content-Type":        {"application/pdf"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(data)
	_ = form.Close()
	target, err := url.Parse(w.url + "/whatsapp/uploadmedia/" + stream)
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, target.String(), &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := w.transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Fatal(answer.Status)
	}
}
