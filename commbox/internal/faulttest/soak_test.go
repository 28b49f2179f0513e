package faulttest_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/commbox/internal/leaktest"
)

// TestSoak uploads thousands of files while everything goes wrong at random,
// and accounts for each: it is stored under the ID that was returned, byte for
// byte, or there is an error that says why. COMMBOX_TEST_SEED=n has it meet
// other faults.
//
// It does not run beside other tests, because the heap is everybody's.
func TestSoak(t *testing.T) {
	uploads, seed := count[int64](300, 20_000), seed(t)
	leaktest.Labelled(t.Name(), func() {
		s := newSoak(t, seed)
		var warm, now int64
		for first := int64(0); first < uploads; first += soakRound {
			s.round(first, min(soakRound, uploads-first))
			if now = soakHeap(); first+soakRound == 2000 {
				warm = now
			}
		}
		t.Log(s.summary())
		if warm > 0 {
			t.Logf("%.1f MiB are alive, %.1f after 2,000 uploads", float64(now)/(1<<20), float64(warm)/(1<<20))
			if growth := now - warm; growth > 1<<20 {
				t.Errorf("the heap grew by %d bytes", growth)
			}
		}
	})
	if left := leaktest.Eventually(func() string { return leaktest.Goroutines(t.Name(), "") }); left != "" {
		t.Errorf("goroutines left:\n%s", left)
	}
}

// soakRound is how many uploads have their servers and clients to themselves.
const soakRound = 500

// soakClients is how many clients a round has for each server. Each learns
// for itself what the server ignores, and has a retry budget of its own.
const soakClients = 4

// soak is the servers of a round, and what came of the uploads so far.
type soak struct {
	t       *testing.T
	seed    uint64
	dir     string
	random  []byte // that files are cut from
	servers []*commboxtest.Server
	faults  []soakFault
	endings map[string]int // how many uploads ended in which way
	applied map[string]int // how many attempts met which fault
	extra   int            // copies beyond the one that was answered
}

func newSoak(t *testing.T, seed uint64) *soak {
	s := &soak{
		t: t, seed: seed, dir: t.TempDir(), random: make([]byte, 1<<18), faults: soakFaults(),
		endings: make(map[string]int), applied: make(map[string]int),
	}
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range s.random {
		s.random[i] = byte(r.Uint32N(0xff)) // what begins with 0xff can look like AAC or MP3
	}
	return s
}

// soakUpload is one upload and what came of it.
type soakUpload struct {
	name    string
	content *content
	server  int
	media   *commbox.Media
	err     error
}

// round makes count uploads and accounts for them.
func (s *soak) round(first, count int64) {
	s.servers = []*commboxtest.Server{commboxtest.NewServer(), commboxtest.NewTLSServer()}
	clients := make([][]*commbox.Client, len(s.servers))
	for i, server := range s.servers {
		for range soakClients {
			clients[i] = append(clients[i], server.Client(
				commbox.WithStallTimeout(time.Second), commbox.WithResponseTimeout(time.Second),
				commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond, ThrottleDelay: time.Millisecond, MaxDelay: 20 * time.Millisecond})))
		}
	}
	uploads := make([]soakUpload, count)
	each(16, int(count), func(i int) {
		r := rand.New(rand.NewPCG(s.seed, 1+uint64(first)+uint64(i)))
		u := &uploads[i]
		u.name = fmt.Sprintf("%d.pdf", i)
		u.server = r.IntN(len(s.servers))
		s.upload(r, u, clients[u.server][r.IntN(soakClients)])
	})
	for _, server := range s.servers {
		server.Close() // and with it what was stalled, or is still coming from who has left
	}
	stored := make(map[string][]commboxtest.Upload)
	for i, server := range s.servers {
		for _, u := range server.Uploads() {
			key := fmt.Sprint(i, u.FileName)
			stored[key] = append(stored[key], u)
		}
		for _, v := range server.Violations() {
			s.t.Errorf("contract: %s", v)
		}
		for _, request := range server.Requests() {
			if request.Fault != "" {
				s.applied[strings.Fields(request.Fault)[0]]++
			}
		}
	}
	for i, u := range uploads {
		key := fmt.Sprint(u.server, u.name)
		ending, err := u.account(stored[key])
		if err != nil {
			s.t.Errorf("upload %d: %v", first+int64(i), err)
		}
		s.endings[ending]++
		s.extra += max(0, len(stored[key])-1)
		delete(stored, key)
	}
	for key, left := range stored {
		s.t.Errorf("nobody uploaded %s: %+v", key, left)
	}
}

// upload plays one upload, with a fault in the script of its server before
// every third. It may be another upload that meets the fault.
func (s *soak) upload(r *rand.Rand, u *soakUpload, client *commbox.Client) {
	u.content = s.content(r)
	source := matrixSources[r.IntN(len(matrixSources))]
	if err := u.content.provide(source.name, filepath.Join(s.dir, "content "+u.name)); err != nil {
		s.t.Error(err)
		return
	}
	file, released := source.file(u.content, s.dir, u.name)
	if r.IntN(3) == 0 {
		s.servers[u.server].Fail(s.draw(r))
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if r.IntN(50) == 0 { // somebody who does not wait
		defer time.AfterFunc(time.Duration(r.Int64N(int64(20*time.Millisecond))), cancel).Stop()
	}
	u.media, u.err = client.UploadMedia(ctx, "abc==", file)
	if ctx.Err() != nil && source.name != "path" {
		return // the source may be in use for a moment longer
	}
	if err := released(); err != nil {
		s.t.Errorf("%s from %s: %v", u.name, source.name, err)
	}
}

// content is a file that differs from all others.
func (s *soak) content(r *rand.Rand) *content {
	size := 1 + r.Int64N(1<<(1+r.IntN(15)))
	if r.IntN(40) == 0 {
		size = 1<<20 + r.Int64N(2<<20)
	}
	start := r.IntN(len(s.random) - 65537)
	return &content{block: s.random[start : start+65537], size: size}
}

// provide makes what a source of the matrix needs.
func (c *content) provide(source, path string) error {
	hash := sha256.New()
	if _, err := io.Copy(hash, c.reader()); err != nil {
		return err
	}
	c.sum = hex.EncodeToString(hash.Sum(nil))
	if source != "path" && source != "bytes" {
		return nil
	}
	c.bytes = make([]byte, c.size)
	if _, err := io.ReadFull(c.reader(), c.bytes); err != nil || source == "bytes" {
		return err
	}
	c.path = path
	_ = os.Remove(path)
	return os.WriteFile(path, c.bytes, 0o600)
}

// account compares the end of an upload with what the server has of it, and
// returns in which way it ended.
func (u *soakUpload) account(stored []commboxtest.Upload) (ending string, err error) {
	for _, copied := range stored {
		if copied.SHA256 != u.content.sum || copied.Size != u.content.size || copied.StreamID != "abc==" || copied.ContentType != "application/pdf" {
			return "", fmt.Errorf("the server has another file than %d bytes %s: %+v", u.content.size, u.content.sum, copied)
		}
	}
	var e *commbox.Error
	switch {
	case u.err == nil && u.media.ID == earlyID: // the socket's buffers took all of it
		return "sent at once, and accepted before it was read", nil
	case u.err == nil:
		if !slices.ContainsFunc(stored, func(copied commboxtest.Upload) bool { return copied.ID == u.media.ID }) {
			return "", fmt.Errorf("%+v was returned, of %+v", u.media, stored)
		}
		if len(stored) > u.media.Attempts || u.media.Size != u.content.size {
			return "", fmt.Errorf("%+v was returned, of %d copies", u.media, len(stored))
		}
		return "stored", nil
	case !errors.As(u.err, &e):
		return "", fmt.Errorf("%T: %w", u.err, u.err)
	case len(stored) > 0 && !e.MaybeDelivered:
		return "", fmt.Errorf("%d copies are there, and the error does not expect one: %w", len(stored), u.err)
	case len(stored) > e.Attempts:
		return "", fmt.Errorf("%d copies after %d attempts: %w", len(stored), e.Attempts, u.err)
	case e.BytesSent < 0 || e.BytesSent > u.content.size+1000:
		return "", fmt.Errorf("%d bytes sent of %d: %w", e.BytesSent, u.content.size, u.err)
	}
	if ending = soakKind(u.err, e); ending == "" {
		return "", fmt.Errorf("does not say why: %w", u.err)
	}
	return ending, nil
}

// soakKind is why an upload failed, as its caller can tell.
func soakKind(err error, e *commbox.Error) string {
	for _, kind := range []error{
		context.Canceled, commbox.ErrNotReplayable, commbox.ErrInvalidResponse,
		commbox.ErrRateLimited, commbox.ErrServer, commbox.ErrUnauthorized, commbox.ErrNotFound, commbox.ErrBadRequest,
		os.ErrDeadlineExceeded, errReset, io.EOF,
	} {
		if matches(err, kind) {
			return kind.Error()
		}
	}
	if e.StatusCode == 307 {
		return "redirect"
	}
	if strings.Contains(err.Error(), "connection refused") {
		return "connection refused"
	}
	return ""
}

// summary says how the uploads ended and what they met.
func (s *soak) summary() string {
	var b strings.Builder
	for _, counts := range []map[string]int{s.endings, s.applied} {
		for _, what := range slices.Sorted(maps.Keys(counts)) {
			fmt.Fprintf(&b, "%s: %d, ", what, counts[what])
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "copies of which nobody has the ID: %d", s.extra)
	return b.String()
}

// soakHeap is what is alive between two rounds.
func soakHeap() int64 {
	runtime.GC()
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}
