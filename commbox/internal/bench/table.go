package main

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// results holds the samples of each scenario and contender by round.
type results map[string]map[string]map[int]sample

func (r results) add(scenario, contender string, round int, s sample) {
	if r[scenario] == nil {
		r[scenario] = map[string]map[int]sample{}
	}
	if r[scenario][contender] == nil {
		r[scenario][contender] = map[int]sample{}
	}
	r[scenario][contender][round] = s
}

// metric is one number of a sample.
type metric func(sample) float64

func cpuPerGiB(s sample) float64     { return s.CPU.Seconds() / float64(s.Bytes) * gib }
func cpuMicros(s sample) float64     { return s.CPU.Seconds() / float64(s.Uploads) * 1e6 }
func throughputMiB(s sample) float64 { return float64(s.Bytes) / s.Wall.Seconds() / mib }
func peakMiB(s sample) float64       { return float64(s.Peak) / mib }
func liveKiB(s sample) float64       { return float64(s.Live) / kib }
func allocs(s sample) float64        { return float64(s.Allocs) / float64(s.Uploads) }
func allocKiB(s sample) float64      { return float64(s.AllocBytes) / float64(s.Uploads) / kib }

// values returns the sorted numbers of a contender. With a reference, they are ratios to the reference in the same round.
func (r results) values(scenario, contender string, of metric, reference string) []float64 {
	var values []float64
	for round, s := range r[scenario][contender] {
		v := of(s)
		if reference != "" {
			v /= of(r[scenario][reference][round])
		}
		values = append(values, v)
	}
	slices.Sort(values)
	return values
}

// show formats the median, or a dash if nothing was measured.
func show(format string, sorted []float64) string {
	if len(sorted) == 0 {
		return "–"
	}
	return fmt.Sprintf(format, median(sorted))
}

func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// column is one column of the table.
type column struct {
	title, format string
	scenario      string
	of            metric
	reference     string
}

func columns() []column {
	return []column{
		{"CPU, 16 MiB × 16", "%.2f", manyTLS, cpuPerGiB, limitName},
		{"throughput", "%.2f", manyTLS, throughputMiB, limitName},
		{"CPU, 100 MiB × 1", "%.2f", oneTLS, cpuPerGiB, limitName},
		{"CPU, plaintext", "%.2f", manyPlain, cpuPerGiB, limitName},
		{"peak memory, 100 MiB × 16", "+%.0f MiB", peakTLS, peakMiB, ""},
		{"live heap per upload", "%.0f KiB", liveTLS, liveKiB, ""},
		{"10 KiB: allocations", "%.0f", smallTLS, allocs, ""},
		{"allocated", "%.1f KiB", smallTLS, allocKiB, ""},
		{"CPU", "%.2f", smallTLS, cpuMicros, plainName},
	}
}

// must is a limit that this client has to meet.
type must struct {
	what   string
	limit  float64
	column int // in columns
}

func musts() []must {
	return []must{
		{"CPU per GiB over TLS, 16 MiB × 16 at once, to a raw `tls.Conn`", 1.10, 0},
		{"the same, 100 MiB × 1", 1.10, 2},
		{"peak memory growth, 100 MiB × 16 over TLS", 16, 4},
		{"live heap per concurrent upload over TLS", 96, 5},
		{"allocations of a 10 KiB upload, answer decoded", 120, 6},
		{"bytes allocated by it", 12, 7},
		{"CPU of it, to plain net/http", 1.10, 8},
	}
}

// print writes both tables in Markdown.
func (r results) print(w io.Writer, machine string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n|", machine)
	cols := columns()
	for _, title := range append([]string{"client"}, titles(cols)...) {
		fmt.Fprintf(&b, " %s |", title)
	}
	fmt.Fprintf(&b, "\n| --- |%s\n", strings.Repeat(" ---: |", len(cols)))
	for _, c := range contenders() {
		fmt.Fprintf(&b, "| %s |", c.About)
		for _, col := range cols {
			fmt.Fprintf(&b, " %s |", show(col.format, r.values(col.scenario, c.Name, col.of, col.reference)))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\nMedians. CPU and throughput are ratios to the first row in the same round, the last column to plain net/http. "+
		"The limit itself: %s and %s over TLS, %s on plaintext (sendfile); plain net/http: %s for 10 KiB. "+
		"TLS unless said otherwise, HTTP/1.1, the peers on one tuned transport.\n\n",
		show("%.2f s of CPU per GiB", r.values(manyTLS, limitName, cpuPerGiB, "")),
		show("%.0f MiB/s", r.values(manyTLS, limitName, throughputMiB, "")),
		show("%.2f s", r.values(manyPlain, limitName, cpuPerGiB, "")),
		show("%.0f µs of CPU", r.values(smallTLS, plainName, cpuMicros, "")))
	b.WriteString("| this client | must | median | min–max | |\n| --- | ---: | ---: | ---: | --- |\n")
	for _, m := range musts() {
		col := cols[m.column]
		v := r.values(col.scenario, selfName, col.of, col.reference)
		if len(v) == 0 {
			continue
		}
		verdict := "pass"
		if median(v) > m.limit {
			verdict = "**FAIL**"
		}
		least, most := show(col.format, v[:1]), show(col.format, v[len(v)-1:])
		fmt.Fprintf(&b, "| %s | "+col.format+" | %s | %s–%s | %s |\n", m.what, m.limit, show(col.format, v), least, most, verdict)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func titles(cols []column) []string {
	var out []string
	for _, c := range cols {
		out = append(out, c.title)
	}
	return out
}

// machine returns the date and the machine of the measurement.
func machine(now time.Time) string {
	model := "unknown CPU"
	info, err := os.ReadFile("/proc/cpuinfo")
	if m := regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`).FindSubmatch(info); err == nil && m != nil {
		model = string(m[1])
	}
	return fmt.Sprintf("%s, %s, %d cores, %s %s/%s", now.Format(time.DateOnly), model, runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
