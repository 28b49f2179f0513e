// Command bench measures this client, other clients and a raw connection on loopback, and prints the table for the README.
// It starts itself again as the server, and in a new process for every run of a contender. The runs of all contenders
// alternate, and only numbers of the same round are compared. It needs Linux for the memory numbers.
package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

const (
	kib = 1 << 10
	mib = 1 << 20
	gib = 1 << 30
)

func main() {
	if err := run(os.Args); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) > 1 {
		switch args[1] {
		case "serve":
			return serve(os.Stdin, os.Stdout)
		case "work":
			return work(args[2:], os.Stdout)
		}
	}
	return bench(args)
}

// scenario is one kind of run.
type scenario struct {
	name, kind        string
	size              int
	parallel, uploads int
	plaintext         bool
	rounds, peers     int // number of rounds; fewer for the peers
}

// Names of the scenarios that the table reads.
const (
	manyTLS   = "16 MiB x 16, TLS"
	oneTLS    = "100 MiB x 1, TLS"
	manyPlain = "16 MiB x 16, plaintext"
	smallTLS  = "10 KiB, warm connection"
	peakTLS   = "memory, 100 MiB x 16"
	liveTLS   = "live heap, 16 MiB x 16"
)

// scenarios returns many short rounds, not a few long ones: a disturbance of the machine then hits single rounds, which do
// not change the median.
func scenarios(rounds int) []scenario {
	peers := (rounds + 4) / 5
	return []scenario{
		{manyTLS, kindLoad, 16 * mib, 16, 32, false, rounds, peers},
		{oneTLS, kindLoad, 100 * mib, 1, 5, false, rounds, peers},
		{smallTLS, kindSmall, 10 * kib, 1, 1500, false, 2 * rounds, peers},
		{manyPlain, kindLoad, 16 * mib, 16, 32, true, peers, peers},
		{peakTLS, kindPeak, 100 * mib, 16, 16, false, peers, 1},
		{liveTLS, kindLive, 16 * mib, 16, 16, false, peers, 1},
	}
}

// bench is the parent process. It makes the files, starts the server and orders the runs.
func bench(args []string) error {
	flags := flag.NewFlagSet(args[0], flag.ExitOnError)
	rounds := flags.Int("rounds", 15, "rounds for this client, the limit and plain net/http; the peers run in a fifth of them")
	quick := flags.Bool("quick", false, "two rounds, and no peak memory of the peers: a look, not a measurement")
	b := &runner{out: results{}}
	flags.Func("peers", "regular expression: only these peers", compile(&b.peers))
	var which *regexp.Regexp
	flags.Func("scenarios", "regular expression: only these scenarios", compile(&which))
	_ = flags.Parse(args[1:])
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b.dir = dir
	stop, err := b.startServer()
	if err != nil {
		return err
	}
	defer stop()
	if *quick {
		*rounds = 2
	}
	began := time.Now()
	for _, s := range scenarios(*rounds) {
		if which != nil && !which.MatchString(s.name) {
			continue
		}
		if *quick && s.kind == kindPeak {
			s.peers = 0 // the peers that buffer would need a minute
		}
		if err := b.measure(s); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "done in %v\n", time.Since(began).Round(time.Second))
	return b.out.print(os.Stdout, machine(time.Now()))
}

type runner struct {
	dir    string
	server endpoints
	out    results
	peers  *regexp.Regexp // nil: all
}

func compile(to **regexp.Regexp) func(string) error {
	return func(expr string) (err error) {
		*to, err = regexp.Compile(expr)
		return err
	}
}

func (b *runner) measure(s scenario) error {
	began := time.Now()
	all := contenders()
	for round := range s.rounds {
		for i := range all {
			c := all[(i+round)%len(all)] // no contender is always first, or always after the same one
			if c.peer && (round >= s.peers || b.peers != nil && !b.peers.MatchString(c.Name)) {
				continue
			}
			got, err := b.run(s, c)
			if err != nil && !c.peer {
				return fmt.Errorf("%s: %s: %w", s.name, c.Name, err)
			}
			if err != nil { // a dash in the table
				fmt.Fprintf(os.Stderr, "%s: %s: %v\n", s.name, c.Name, err)
				continue
			}
			b.out.add(s.name, c.Name, round, got)
		}
	}
	fmt.Fprintf(os.Stderr, "%-24s %2d rounds, %v\n", s.name, s.rounds, time.Since(began).Round(time.Second))
	return nil
}

// run is one run of one contender in a new process.
func (b *runner) run(s scenario, c contender) (sample, error) {
	file, err := b.file(s.size)
	if err != nil {
		return sample{}, err
	}
	small, err := b.file(10 * kib)
	if err != nil {
		return sample{}, err
	}
	j := job{Contender: c.Name, Kind: s.kind, File: file, Small: small, Uploads: s.uploads, Gate: b.server.Plain + "/gate",
		Target: target{URL: b.server.TLS, Parallel: s.parallel}}
	if s.plaintext {
		j.Target.URL = b.server.Plain
	}
	arg, err := json.Marshal(j)
	if err != nil {
		return sample{}, err
	}
	cmd := exec.CommandContext(context.Background(), "/proc/self/exe", "work", string(arg))
	// Trust the certificate as a user would do, so that each client keeps its own transport.
	cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+filepath.Join(b.dir, "ca.pem"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return sample{}, fmt.Errorf("%w: %s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	var got sample
	return got, json.Unmarshal(out, &got)
}

// file makes the file of that many random bytes, once.
func (b *runner) file(size int) (string, error) {
	path := filepath.Join(b.dir, fmt.Sprintf("%d.pdf", size))
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		return path, err
	}
	data := make([]byte, size)
	rand.Read(data)
	return path, os.WriteFile(path, data, 0o600)
}

func (b *runner) startServer() (stop func(), err error) {
	cmd := exec.CommandContext(context.Background(), "/proc/self/exe", "serve")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		stdin.Close()
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
	}
	if err := json.NewDecoder(stdout).Decode(&b.server); err != nil {
		stop()
		return nil, fmt.Errorf("starting the server: %w", err)
	}
	return stop, os.WriteFile(filepath.Join(b.dir, "ca.pem"), b.server.CA, 0o600)
}
