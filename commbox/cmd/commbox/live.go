package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/mattn/go-runewidth"
)

// live is the display for a terminal: a line for every upload that takes its
// time, and the total below.
type live struct {
	out   *os.File
	began time.Time
	sent  atomic.Int64

	mu      sync.Mutex
	running map[int]*running
	total   total
	drawn   []int // how wide each line on the screen is, in cells

	stop    chan struct{}
	helpers sync.WaitGroup // end when stop is closed
}

// running is an upload on its way. It only stores numbers; drawing reads them.
type running struct {
	n           int
	name        string
	began       time.Time
	sent, total atomic.Int64
}

const (
	patience = 300 * time.Millisecond // how long an upload may take without a line
	mostRows = 12                     // lines of uploads
	fastest  = 100 * time.Millisecond // between two drawings
)

func newLive(out *os.File, measure func(stop <-chan struct{}) (files int, bytes int64)) *live {
	l := &live{out: out, began: time.Now(), running: make(map[int]*running), stop: make(chan struct{})}
	l.helpers.Go(func() {
		files, bytes := measure(l.stop)
		l.mu.Lock()
		l.total.files, l.total.bytes = files, bytes
		l.mu.Unlock()
	})
	l.helpers.Go(func() {
		tick := time.NewTicker(fastest)
		defer tick.Stop()
		for {
			select {
			case <-l.stop:
				return
			case now := <-tick.C:
				l.mu.Lock()
				l.draw(now)
				l.mu.Unlock()
			}
		}
	})
	return l
}

func (l *live) begin(n int, name string, size int64) func(sent, total int64) {
	r := &running{n: n, name: printable(name), began: time.Now()}
	r.total.Store(size)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.running[n] = r
	return func(sent, total int64) {
		r.total.Store(total)
		l.sent.Add(sent - r.sent.Swap(sent))
	}
}

func (l *live) end(r row) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.running, r.n)
	l.total.ended++
	switch {
	case r.already: // is not sent
		l.total.bytes -= max(r.size, 0)
	case r.err != nil && !errors.Is(r.err, context.Canceled):
		l.total.failed++
	}
}

func (l *live) pause(write func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.erase(terminalWidth(l.out))
	write()
}

func (l *live) close() {
	close(l.stop)
	l.helpers.Wait()
	l.pause(func() {})
}

// draw puts the lines in the place of those that are on the screen; mu is held.
func (l *live) draw(now time.Time) {
	var shown []*running
	for _, r := range l.running {
		if now.Sub(r.began) > patience {
			shown = append(shown, r)
		}
	}
	slices.SortFunc(shown, func(a, b *running) int { return a.n - b.n })
	shown = shown[:min(len(shown), mostRows)]
	width := terminalWidth(l.out)
	names := make([]string, len(shown))
	for i, r := range shown {
		names[i] = r.name
	}
	names = shortenAll(names, nameWidth(width))
	var lines []string
	for i, r := range shown {
		lines = append(lines, progressLine(names[i], r.sent.Load(), r.total.Load(), width))
	}
	l.total.sent = l.sent.Load()
	lines = append(lines, runewidth.Truncate(l.total.line(now.Sub(l.began)), width-3, "…")) // "^C" finds room beside it
	l.erase(width)
	for _, line := range lines {
		l.drawn = append(l.drawn, runewidth.StringWidth(line))
	}
	fmt.Fprint(l.out, strings.Join(lines, "\n"))
}

// erase takes the lines off the screen; mu is held.
func (l *live) erase(width int) {
	if up := height(l.drawn, width) - 1; up > 0 {
		fmt.Fprintf(l.out, "\x1b[%dA", up)
	}
	if len(l.drawn) > 0 {
		fmt.Fprint(l.out, "\r\x1b[J")
	}
	l.drawn = l.drawn[:0]
}

// height is how many rows lines of those widths take: a terminal that becomes
// narrower breaks what is on it.
func height(widths []int, terminal int) int {
	rows := 0
	for _, w := range widths {
		rows += 1 + max(w-1, 0)/max(terminal, 1)
	}
	return rows
}

const (
	barWidth   = 20 // with its brackets
	countWidth = 16
	wide       = 70 // from here on there is room for a bar
)

// nameWidth is how much of a terminal the name of an upload may take.
func nameWidth(width int) int {
	name := min(width, 100) - countWidth - 2
	if width >= wide {
		name -= barWidth + 1
	}
	return max(name, 8)
}

// progressLine is the line of one upload.
func progressLine(name string, sent, total int64, width int) string {
	line := runewidth.FillRight(name, nameWidth(width)) + " "
	if width >= wide {
		const inside = barWidth - 2
		full := 0
		if total > 0 {
			full = int(min(sent, total) * inside / total)
		}
		bar := strings.Repeat("=", full)
		if full < inside {
			bar += ">" + strings.Repeat("-", inside-full-1)
		}
		line += "[" + bar + "] "
	}
	count := sizeText(sent)
	switch {
	case total > 0 && sent >= total:
		count = "waiting"
	case total > 0:
		count = fmt.Sprintf("%d%% of %s", 100*sent/total, sizeText(total))
	}
	return line + runewidth.FillLeft(count, countWidth)
}

// total is what the last line tells of.
type total struct {
	ended, failed, files int
	sent, bytes          int64 // bytes of those that are sent; 0 while unknown
}

func (t total) line(took time.Duration) string {
	s := fmt.Sprintf("total %d files, %s", t.ended, sizeText(t.sent))
	if t.files > 0 {
		s = fmt.Sprintf("total %d of %d files, %s of %s", t.ended, t.files, sizeText(t.sent), sizeText(max(t.bytes, t.sent)))
	}
	if t.failed > 0 {
		s += fmt.Sprintf(", %d failed", t.failed)
	}
	if speed := float64(t.sent) / took.Seconds(); took > time.Second && speed > 1 {
		s += fmt.Sprintf(", %s/s", sizeText(int64(speed)))
		if left := t.bytes - t.sent; left > 0 {
			s += fmt.Sprintf(", %s left", durationText(time.Duration(float64(left)/speed*float64(time.Second))))
		}
	}
	return s
}

// durationText is a duration for people: 0.4 s, 12 s, 3 min 20 s, 1 h 5 min.
func durationText(d time.Duration) string {
	switch s := int(d.Round(time.Second).Seconds()); {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case s < 60:
		return fmt.Sprintf("%d s", s)
	case s < 3600:
		return strings.TrimSuffix(fmt.Sprintf("%d min %d s", s/60, s%60), " 0 s")
	default:
		return strings.TrimSuffix(fmt.Sprintf("%d h %d min", s/3600, s%3600/60), " 0 min")
	}
}
