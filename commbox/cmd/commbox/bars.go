package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// bars is the display for a terminal: a bar for every upload that takes its
// time, failures as they come above them, and the total below.
type bars struct {
	out     *os.File
	control io.Writer // out where it understands escape sequences
	color   bool
	began   time.Time

	sent, bytes, files atomic.Int64 // on their way so far; in all, 0 while unknown
	ended, failed      atomic.Int64

	mu       sync.Mutex
	progress *mpb.Progress
	below    *mpb.Bar // the total
	belowRow terminalRow
	running  map[int]*bar

	stop    chan struct{}
	helpers sync.WaitGroup // end when stop is closed
}

// bar is one running upload. The upload only stores a number; drawing reads it.
type bar struct {
	n           int
	name        string
	began       time.Time
	sent, total atomic.Int64
	drawn       *mpb.Bar // nil: not yet
	row         terminalRow
}

func newBars(out *os.File, color bool, measure func(stop <-chan struct{}) (files int, bytes int64)) *bars {
	b := &bars{out: out, control: out, color: color, began: time.Now(), running: make(map[int]*bar), stop: make(chan struct{})}
	if runtime.GOOS == "windows" { // mpb moves the cursor there by other means
		b.control, b.color = io.Discard, false
	}
	b.draw()
	b.helpers.Go(func() {
		files, bytes := measure(b.stop)
		b.bytes.Store(bytes)
		b.files.Store(int64(files))
	})
	b.helpers.Go(b.addBars)
	return b
}

// patience is how long an upload may take without a bar: those of small files
// would only flicker.
const patience = 300 * time.Millisecond

func (b *bars) addBars() {
	tick := time.NewTicker(patience / 2)
	defer tick.Stop()
	for {
		select {
		case <-b.stop:
			return
		case now := <-tick.C:
			b.mu.Lock()
			for _, r := range b.running {
				if r.drawn == nil && now.Sub(r.began) > patience {
					b.drawBar(r)
				}
			}
			b.mu.Unlock()
		}
	}
}

// The parts of a line, in cells. A line is never wider than a small terminal:
// one that fits needs no care when the window is resized.
const (
	mostWidth  = 79
	barWidth   = 26
	countWidth = 22
	gaps       = 2
	leastName  = 10
)

// draw begins drawing; mu is held, or nobody else has b yet.
func (b *bars) draw() {
	b.progress = mpb.New(mpb.WithOutput(b.out), mpb.WithWidth(barWidth), mpb.WithAutoRefresh())
	b.below = b.progress.MustAdd(0, nil,
		mpb.BarPriority(math.MaxInt),
		mpb.BarFillerTrim(),
		mpb.PrependDecorators(decor.Any(func(s decor.Statistics) string {
			text := runewidth.Truncate(b.total(), min(s.AvailableWidth, mostWidth), "…")
			b.belowRow.resize(b.control, s.AvailableWidth, runewidth.StringWidth(text))
			// mpb goes up in the column where the cursor is; what was typed
			// meanwhile, such as ctrl-C, has moved it.
			fmt.Fprint(b.control, "\r")
			return text
		})))
	for _, r := range b.running {
		if r.drawn != nil {
			b.drawBar(r)
		}
	}
}

func (b *bars) drawBar(r *bar) {
	style := mpb.BarStyle().Lbound("[").Filler("=").Tip(">").Padding("-").Rbound("]").Build()
	// It fails when the terminal is gone; the upload goes on without a bar.
	r.drawn, _ = b.progress.Add(0, mpb.BarFillerFunc(func(w io.Writer, s decor.Statistics) error {
		s.Current, s.Total = r.sent.Load(), max(r.total.Load(), 0)
		return style.Fill(w, s)
	}),
		mpb.BarPriority(r.n),
		mpb.BarRemoveOnComplete(),
		mpb.PrependDecorators(decor.Any(func(s decor.Statistics) string {
			width := max(min(s.AvailableWidth, mostWidth)-barWidth-countWidth-gaps, leastName)
			r.row.resize(b.control, s.AvailableWidth, width+barWidth+countWidth+gaps)
			return runewidth.FillRight(shorten(r.name, width), width)
		})),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string {
			return runewidth.FillLeft(r.count(), countWidth)
		})))
}

// terminalRow remembers how wide a line was drawn. A terminal that becomes
// narrower breaks what is on it into more rows than mpb is going to overwrite.
type terminalRow struct{ drawn int }

// resize moves the cursor up by the rows that the line has gained since, before
// mpb goes up the one that it knows of, and notes how wide the line is now.
func (t *terminalRow) resize(out io.Writer, terminal, width int) {
	if gained := (t.drawn - 1) / max(terminal, 1); gained > 0 {
		fmt.Fprintf(out, "\x1b[%dA", gained)
	}
	t.drawn = min(width, terminal)
}

func (r *bar) count() string {
	sent, total := r.sent.Load(), r.total.Load()
	switch {
	case total <= 0:
		return sizeText(sent)
	case sent >= total:
		return "sent, waiting"
	default:
		return fmt.Sprintf("%d%% of %s", 100*sent/total, sizeText(total))
	}
}

// total is the line below the bars.
func (b *bars) total() string {
	var s strings.Builder
	ended, files := b.ended.Load(), b.files.Load()
	sent, bytes := b.sent.Load(), b.bytes.Load()
	took := time.Since(b.began)
	if files > 0 {
		fmt.Fprintf(&s, "total %d of %d files, %s of %s", ended, files, sizeText(sent), sizeText(bytes))
	} else {
		fmt.Fprintf(&s, "total %d files, %s", ended, sizeText(sent))
	}
	if failed := b.failed.Load(); failed > 0 {
		fmt.Fprintf(&s, ", %d failed", failed)
	}
	if speed := float64(sent) / took.Seconds(); took > time.Second && sent > 0 {
		fmt.Fprintf(&s, ", %s/s", sizeText(int64(speed)))
		if left := bytes - sent; files > 0 && left > 0 {
			fmt.Fprintf(&s, ", %v left", time.Duration(float64(left)/speed*float64(time.Second)).Round(time.Second))
		}
	}
	return s.String()
}

func (b *bars) begin(n int, name string, size int64) func(sent, total int64) {
	r := &bar{n: n, name: printable(name), began: time.Now()}
	r.total.Store(size)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.running[n] = r
	return func(sent, total int64) {
		r.total.Store(total)
		b.sent.Add(sent - r.sent.Swap(sent))
	}
}

func (b *bars) end(r row) {
	b.ended.Add(1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if run := b.running[r.n]; run != nil && run.drawn != nil {
		run.drawn.Abort(true)
	}
	delete(b.running, r.n)
	switch {
	case errors.Is(r.err, context.Canceled): // the user knows
	case r.err != nil:
		b.failed.Add(1)
		line := endLine(r)
		if b.color {
			line = "\x1b[31m" + line + "\x1b[0m"
		}
		fmt.Fprintln(b.progress, line)
	case r.already:
		b.sent.Add(max(r.size, 0))
	}
}

func (b *bars) pause(write func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
	write()
	b.draw()
}

// erase ends drawing and leaves no line behind but those of failures.
func (b *bars) erase() {
	for _, r := range b.running {
		if r.drawn != nil {
			r.drawn.Abort(true)
		}
	}
	b.below.Abort(true)
	b.progress.Wait()
}

func (b *bars) close() {
	close(b.stop)
	b.helpers.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.erase()
}
