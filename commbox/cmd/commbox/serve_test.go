package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// served starts "commbox serve" and returns the environment that it prints.
func served(t *testing.T, args ...string) (env []string, record string) {
	t.Helper()
	return servedTo(t, t.Output(), args...)
}

func servedTo(t *testing.T, errs io.Writer, args ...string) (env []string, record string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	out, printed := io.Pipe()
	var serving sync.WaitGroup
	serving.Go(func() {
		code := run(ctx, append([]string{"serve"}, args...), nil, printed, errs)
		if code != exitInterrupted {
			t.Errorf("exit %d", code)
		}
		printed.Close()
	})
	t.Cleanup(func() {
		stop()
		serving.Wait()
	})
	lines := bufio.NewScanner(out)
	for len(env) < 3 && lines.Scan() {
		env = append(env, lines.Text())
	}
	if len(env) < 3 {
		t.Fatalf("it printed %q", env)
	}
	return env[:2], strings.TrimPrefix(env[2], "COMMBOX_RECORD_URL=")
}

// arrivals are what the record says.
type arrivals struct {
	Uploads    []commboxtest.Upload
	Requests   []commboxtest.Request
	Violations []string
}

func arrived(t *testing.T, url string) (a arrivals) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestServeTheCommand(t *testing.T) {
	env, record := served(t, "--fault", "reset=0", "--fault", "429,retry-after=0")
	got := call(t, append(env, "COMMBOX_STREAM_ID=abc%3d"), "upload", "--json", "samples/photo.jpg")
	is := arrived(t, record)
	up := is.Uploads
	if got.code != exitOK || len(up) != 1 || up[0].FileName != "photo.jpg" || up[0].StreamID != "abc=" || up[0].Attempt != 3 {
		t.Errorf("exit %d %s, %+v", got.code, got.err, up)
	}
	if len(is.Violations) != 0 {
		t.Error(is.Violations)
	}
}

func TestServeCurl(t *testing.T) {
	t.Parallel()
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed")
	}
	env, record := served(t, "--key", "k", "--fault", "503,times=2,file=logo.png")
	url := strings.TrimPrefix(env[0], "COMMBOX_BASE_URL=") + "/whatsapp/uploadmedia/s"
	post := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), curl, append([]string{"-s", "-o", os.DevNull, "-w", "%{http_code} %{exitcode}",
			"-H", "Authorization: Bearer k", "-F", "pic=@samples/logo.png;type=image/png", url}, args...)...).Output()
		if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		return string(out)
	}
	for _, tt := range []struct{ fault, want string }{
		{"429,retry-after=1", "429 0"}, {"early=401", "401 0"}, {"nonsense", "400 0"}, {"lost", "000 52"}, {"429,stream=other", "400 0"},
	} {
		if got := post("-H", "Commbox-Fault: "+tt.fault); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.fault, got, tt.want)
		}
	}
	if first, second, third := post(), post(), post(); first != "503 0" || second != "503 0" || third != "200 0" {
		t.Errorf("two faults, but %s, %s, %s", first, second, third)
	}
	requests := arrived(t, record).Requests
	if len(requests) != 8 || requests[0].Status != 429 || requests[0].Operation != "UploadMedia" {
		t.Errorf("%+v", requests)
	}
}

// What breaks the contract is printed at once, and forgotten on demand.
func TestServeTellsOfViolations(t *testing.T) {
	t.Parallel()
	read, errs, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { read.Close(); errs.Close() })
	env, record := servedTo(t, errs, "--key", "k")
	ask := func(method, url string) (status int, body string) {
		req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("--x--\r\n"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer k")
		req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(text)
	}
	const nothing = `{"requests":[],"uploads":[],"violations":[]}`
	if _, body := ask(http.MethodGet, record); strings.TrimSpace(body) != nothing {
		t.Errorf("the record of nothing is %s", body)
	}
	if status, _ := ask(http.MethodPost, strings.TrimPrefix(env[0], "COMMBOX_BASE_URL=")+"/whatsapp/uploadmedia/any"); status != 400 {
		t.Errorf("a form without a file: %d", status)
	}
	_ = read.SetReadDeadline(time.Now().Add(10 * time.Second)) // not possible everywhere
	line, err := bufio.NewReader(read).ReadString('\n')
	if _, body := ask(http.MethodGet, record); err != nil || !strings.Contains(line, `part "pic" is missing`) || !strings.Contains(body, "is missing") {
		t.Errorf("%q, %v; the record is %s", line, err, body)
	}
	if status, _ := ask(http.MethodPost, record); status != http.StatusMethodNotAllowed {
		t.Errorf("POST of the record: %d", status)
	}
	if status, _ := ask(http.MethodDelete, record); status != 200 {
		t.Errorf("DELETE of the record: %d", status)
	}
	if _, body := ask(http.MethodGet, record); strings.TrimSpace(body) != nothing {
		t.Errorf("after DELETE, the record is %s", body)
	}
}

// A program in another language uploads, is throttled, tries again, and reads
// what arrived.
const nodeProgram = `
const form = () => {
  const f = new FormData();
  f.append('pic', new Blob(['%PDF-1.4 from node'], {type: 'application/pdf'}), 'הצעה.pdf');
  return f;
};
const post = () => fetch(process.env.COMMBOX_BASE_URL + '/whatsapp/uploadmedia/abc%3d', {
  method: 'POST', body: form(), headers: {Authorization: 'Bearer ' + process.env.COMMBOX_API_KEY},
});
(async () => {
  const first = await post();
  console.log(first.status, first.headers.get('retry-after'));
  const second = await post();
  console.log(second.status, (await second.json()).data[0].id);
  const {uploads: [u]} = await (await fetch(process.env.RECORD)).json();
  console.log(u.filename, u.content_type, u.bytes, u.stream_id, u.attempt, u.id);
})();
`

func TestServeNode(t *testing.T) {
	t.Parallel()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	env, record := served(t, "--fault", "429,retry-after=7")
	cmd := exec.CommandContext(t.Context(), node, "-e", nodeProgram)
	cmd.Env = append(append(os.Environ(), env...), "RECORD="+record)
	cmd.Stderr = io.Discard
	out, err := cmd.Output()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	if err != nil || len(lines) != 3 || lines[0] != "429 7" || !strings.HasPrefix(lines[1], "200 ") {
		t.Fatalf("%v: %q", err, out)
	}
	if want := "הצעה.pdf application/pdf 18 abc= 2 " + lines[1][4:]; lines[2] != want {
		t.Errorf("have %q, want %q", lines[2], want)
	}
}

func TestParseFaultRefuses(t *testing.T) {
	t.Parallel()
	for _, spec := range []string{"", "99", "600", "nonsense", "reset=-1", "early", "429,times=0", "429,stream=", "429;times=2", "lost,retry-after=1", "reset=429,retry-after=1"} {
		if f, err := parseFault(spec, "times", "stream", "file", "retry-after"); err == nil {
			t.Errorf("%q is %v", spec, f)
		}
	}
}
