package faulttest_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/commbox/internal/leaktest"
)

// TestFaultMatrix uploads through every fault, from every kind of source,
// small and large, plain and over TLS. The short form runs one cell of each row,
// of another column each time. Run it with -v to see the matrix.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	m := &matrix{dir: t.TempDir(), busy: make(chan struct{}, 2*runtime.GOMAXPROCS(0)), marks: make(map[string]string)}
	for _, size := range []int64{10 << 10, count[int64](2<<20, 8<<20)} {
		m.contents = append(m.contents, newContent(t, size))
	}
	rows := matrixRows()
	t.Run("fault", func(t *testing.T) {
		for i, row := range rows {
			t.Run(row.name, func(t *testing.T) {
				t.Parallel()
				cells := m.cells(row)
				if !long {
					cells = cells[i%len(cells):][:1]
				}
				m.run(t, row, cells)
			})
		}
	})
	t.Log(m.table(rows))
}

// matrix is what the cells share.
type matrix struct {
	dir      string
	contents []*content
	busy     chan struct{} // bounds the cells that keep a processor busy

	mu    sync.Mutex
	marks map[string]string // by cell
}

// cell is one upload: a fault, a source, a size, plain or TLS.
type cell struct {
	row     row
	source  matrixSource
	content *content
	secure  bool
}

func (c cell) String() string {
	size, transport := "small", "plain"
	if c.content.size > 1<<20 {
		size = "large"
	}
	if c.secure {
		transport = "TLS"
	}
	return strings.Join([]string{c.row.name, c.source.name, size, transport}, "/")
}

// cells are those of a row, in the order of the table's columns.
func (m *matrix) cells(row row) []cell {
	var cells []cell
	for _, source := range matrixSources {
		for _, content := range m.contents {
			for _, secure := range []bool{false, true} {
				cells = append(cells, cell{row, source, content, secure})
			}
		}
	}
	return cells
}

// run runs the cells of a row at the same time, then looks for what they left.
func (m *matrix) run(t *testing.T, row row, cells []cell) {
	label := t.Name()
	servers := make([]*commboxtest.Server, len(cells))
	leaktest.Labelled(label, func() {
		var running sync.WaitGroup
		for i, c := range cells {
			running.Go(func() {
				if !row.idle() {
					m.busy <- struct{}{}
					defer func() { <-m.busy }()
				}
				servers[i] = c.server()
				mark, err := c.upload(servers[i], m.dir, fmt.Sprintf("%s %d.pdf", row.name, i))
				if err != nil {
					mark += "✗"
					t.Errorf("%v: %v", c, err)
				}
				m.mu.Lock()
				defer m.mu.Unlock()
				m.marks[c.String()] = mark
			})
		}
		running.Wait()
	})
	for _, s := range servers {
		s.HTTPClient().CloseIdleConnections()
	}
	if left := leaktest.Eventually(func() string { return leaktest.Goroutines(label, "persistConn") }); left != "" {
		t.Errorf("connections left:\n%s", left)
	}
	for _, s := range servers {
		s.Close()
	}
	if left := leaktest.Eventually(func() string { return leaktest.Goroutines(label, "") }); left != "" {
		t.Errorf("goroutines left:\n%s", left)
	}
}

// server is a CommBox of the cell's own, with its fault.
func (c cell) server() *commboxtest.Server {
	start := commboxtest.NewServer
	if c.secure {
		start = commboxtest.NewTLSServer
	}
	s := start()
	s.Fail(c.row.faults(c.content.size)...)
	return s
}

// upload uploads to the server and compares what came of it with what has to.
// The mark says how it ended.
func (c cell) upload(server *commboxtest.Server, dir, name string) (mark string, err error) {
	opts := []commbox.Option{commbox.WithRetry(commbox.RetryPolicy{BaseDelay: time.Millisecond, ThrottleDelay: time.Millisecond, MaxDelay: 5 * time.Millisecond})}
	if d := c.row.patience; d > 0 {
		opts = append(opts, commbox.WithStallTimeout(d), commbox.WithResponseTimeout(d))
	}
	if c.row.transport != nil {
		opts = append(opts, commbox.WithHTTPClient(&http.Client{Transport: c.row.transport(server.HTTPClient().Transport)}))
	}
	ctx := context.Background()
	if c.row.deadline > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.row.deadline)
		defer cancel()
	}
	file, released := c.source.file(c.content, dir, name)

	began := time.Now()
	media, err := server.Client(opts...).UploadMedia(ctx, "abc%3d%3d", file)
	took := time.Since(began)

	mark = "E"
	if err == nil {
		mark = strconv.Itoa(media.Attempts)
	}
	var wrong error
	for _, e := range c.row.ending(c.source.once, c.content.size) {
		if wrong = errors.Join(e.check(media, err), c.checkServer(server, e, media, name)); wrong == nil {
			break
		}
	}
	announced := c.content.size >= 1<<20
	if err == nil && announced && took < c.row.takes {
		wrong = errors.Join(wrong, fmt.Errorf("it took %v, want at least %v", took, c.row.takes))
	}
	return mark, errors.Join(wrong, released())
}

// checkServer compares what the server has with what it should have.
func (c cell) checkServer(s *commboxtest.Server, e ending, media *commbox.Media, name string) error {
	if v := s.Violations(); len(v) > 0 {
		return fmt.Errorf("contract: %q", v)
	}
	uploads := s.Uploads()
	if len(uploads) != e.stored {
		return fmt.Errorf("the server has %d copies, want %d", len(uploads), e.stored)
	}
	known := media == nil || media.ID == e.id
	for _, u := range uploads {
		if u.SHA256 != c.content.sum || u.Size != c.content.size || u.FileName != name ||
			u.ContentType != "application/pdf" || u.StreamID != "abc==" {
			return fmt.Errorf("the server has another file: %+v", u)
		}
		known = known || u.ID == media.ID
	}
	if !known || media != nil && (media.Size != c.content.size || media.ContentType != "application/pdf") {
		return fmt.Errorf("unknown media %+v", media)
	}
	for _, r := range s.Requests() {
		if e.unsent && r.BodyBytes > 0 {
			return fmt.Errorf("the server read %d bytes, want none", r.BodyBytes)
		}
	}
	return nil
}

// table prints the matrix.
func (m *matrix) table(rows []row) string {
	var b strings.Builder
	b.WriteString("attempts until it was stored, or E for the right error; ✗: wrong, -: not run\n")
	b.WriteString("four columns each: small plain, small TLS, large plain, large TLS\n")
	fmt.Fprintf(&b, "%-26s", "")
	for _, s := range matrixSources {
		fmt.Fprintf(&b, "| %-11s ", s.name)
	}
	wrong := 0
	for _, row := range rows {
		fmt.Fprintf(&b, "\n%-26s", row.name)
		for i, c := range m.cells(row) {
			if i%4 == 0 {
				b.WriteString("|")
			}
			mark := cmp.Or(m.marks[c.String()], "-")
			if strings.Contains(mark, "✗") {
				wrong++
			}
			fmt.Fprintf(&b, " %-2s", mark)
		}
	}
	fmt.Fprintf(&b, "\n%d cells, %d wrong", len(m.marks), wrong)
	return b.String()
}
