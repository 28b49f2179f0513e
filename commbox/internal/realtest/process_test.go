package realtest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// process is third-party software that runs for one test, with all its files in
// a folder of its own.
type process struct {
	addr  string // host:port on which it listens
	dir   string
	cmd   *exec.Cmd
	ended chan struct{} // closed when the process has ended
}

// find returns the program of that name, and skips the test where it is not
// installed. Debian keeps servers where a user's PATH does not lead, and npm
// those of a folder in one that COMMBOX_TEST_BIN can name.
func find(t *testing.T, name string) string {
	t.Helper()
	for _, candidate := range []string{name, "/usr/sbin/" + name, "/usr/local/sbin/" + name, filepath.Join(os.Getenv("COMMBOX_TEST_BIN"), name)} {
		if path, err := exec.LookPath(candidate); err == nil {
			return path
		}
	}
	t.Skip(name + " is not installed")
	return ""
}

// launch starts a program on a free port and waits until it accepts connections.
// configure writes its files and returns its arguments.
func launch(t *testing.T, program string, configure func(p *process) (args []string)) *process {
	t.Helper()
	binary := find(t, program)
	// Programs that are started by root become another user, who has to be able
	// to write here. The folders of t.TempDir do not let them in.
	dir, err := os.MkdirTemp("", "realtest-"+program+"-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	p := &process{dir: dir}
	// Between the choice of a port and its use somebody else may take it.
	for attempt := 1; ; attempt++ {
		p.addr = freeAddr(t)
		if err = p.run(t, binary, configure(p)); err == nil {
			break
		}
		if attempt == 5 {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s says:\n%s", program, p.read("output"))
		}
	})
	return p
}

func (p *process) run(t *testing.T, binary string, args []string) error {
	t.Helper()
	output, err := os.Create(p.path("output"))
	if err != nil {
		return err
	}
	defer output.Close()
	p.cmd = exec.Command(binary, args...) //nolint:noctx // stop ends it
	p.cmd.Stdout, p.cmd.Stderr = output, output
	endWithParent(p.cmd)
	if err := p.cmd.Start(); err != nil {
		return err
	}
	p.ended = make(chan struct{})
	go func() {
		_ = p.cmd.Wait() // why it ended is in the output
		close(p.ended)
	}()
	for range 1000 {
		if conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", p.addr); err == nil {
			return conn.Close()
		}
		select {
		case <-p.ended:
			return fmt.Errorf("%s ended: %s", binary, p.read("output"))
		case <-time.After(20 * time.Millisecond):
		}
	}
	p.stop()
	return fmt.Errorf("%s accepts no connection on %s: %s", binary, p.addr, p.read("output"))
}

// stop ends the program and its workers at once, and waits until it is gone.
func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
}

// signal has the program do what it does on a signal, such as a reload.
func (p *process) signal(t *testing.T, s os.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Error(err)
	}
}

func (p *process) path(name string) string { return filepath.Join(p.dir, name) }

// write writes one of the program's files, in which $DIR and $ADDR stand for
// its folder and address, and returns its path.
func (p *process) write(t *testing.T, name, text string) string {
	t.Helper()
	text = strings.NewReplacer("$DIR", p.dir, "$ADDR", p.addr).Replace(text)
	if err := os.WriteFile(p.path(name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p.path(name)
}

// read returns what is in one of the program's files so far.
func (p *process) read(name string) []byte {
	data, _ := os.ReadFile(p.path(name))
	return data
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}
