package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// object is a line of --json.
type object struct {
	File        string
	ID          string
	Filename    string
	ContentType string `json:"content_type"`
	Bytes       int64
	Attempts    int
	Already     bool `json:"already_uploaded"`
	Error       string
	DryRun      bool `json:"dry_run"`
	Warning     string
}

// objects reads the output of --json, by file.
func objects(t *testing.T, out string) map[string]object {
	t.Helper()
	byFile := make(map[string]object)
	for line := range strings.Lines(out) {
		var o object
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		byFile[o.File] = o
	}
	return byFile
}

// The samples are real files; each must arrive as what it is.
func TestUploadSamples(t *testing.T) {
	s, env := serving(t)
	got := call(t, env, "upload", "--json", "samples")
	if got.code != exitOK {
		t.Fatalf("exit %d: %s", got.code, got.err)
	}
	have := objects(t, got.out)
	for name, contentType := range map[string]string{
		"photo.jpg": "image/jpeg", "logo.png": "image/png", "offer.pdf": "application/pdf",
		"clip.mp4": "video/mp4", "הצעת מחיר.pdf": "application/pdf",
	} {
		path := filepath.Join("samples", name)
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		o := have[path]
		if o.ID == "" || o.Filename != name || o.ContentType != contentType || o.Bytes != info.Size() || o.Attempts != 1 || o.Error != "" {
			t.Errorf("%s: have %+v", name, o)
		}
	}
	if n := len(s.Uploads()); n != 5 || len(have) != n {
		t.Errorf("%d files arrived and %d were reported, want 5", n, len(have))
	}
	for _, u := range s.Uploads() {
		if u.StreamID != "abc==" {
			t.Errorf("%s went to the channel %q", u.FileName, u.StreamID)
		}
	}
	if v := s.Violations(); len(v) > 0 {
		t.Error(v)
	}
}

func TestUploadPrintsATableInTheOrderOfTheFiles(t *testing.T) {
	dir := tree(t, "a.pdf", "הצעת מחיר.pdf", "z.pdf")
	_, env := serving(t)
	t.Chdir(dir)
	got := call(t, env, "upload", "z.pdf", "gone.pdf", "הצעת מחיר.pdf", "a.pdf")
	if got.code != exitFailed {
		t.Errorf("exit %d, want %d", got.code, exitFailed)
	}
	lines := strings.Split(strings.TrimSpace(got.out), "\n")
	if len(lines) != 5 {
		t.Fatalf("have %q", got.out)
	}
	for i, want := range []string{"FILE ", "z.pdf ", "gone.pdf ", "הצעת מחיר.pdf ", "a.pdf "} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("line %d is %q, want %q", i, lines[i], want)
		}
	}
	if strings.Count(got.err, "no such file")+strings.Count(got.err, "cannot find") != 1 {
		t.Errorf("the reason is not there once: %s", got.err)
	}
	if !strings.Contains(got.err, "3 uploaded") || !strings.Contains(got.err, "1 failed") {
		t.Errorf("standard error: %q", got.err)
	}
}

func TestUploadStandardInput(t *testing.T) {
	s, env := serving(t)
	pipe := io.MultiReader(strings.NewReader("%PDF-1.4 from a pipe"))
	got := callWith(t, pipe, env, "upload", "-", "--name", "הצעה.pdf", "--json")
	o := objects(t, got.out)["-"]
	if got.code != exitOK || o.Filename != "הצעה.pdf" || o.ContentType != "application/pdf" || o.Bytes != 20 {
		t.Errorf("exit %d, %+v, %s", got.code, o, got.err)
	}

	file, err := os.Open(filepath.Join("samples", "photo.jpg"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	s.Fail(commboxtest.Status(503)) // a redirected file can be sent again
	got = callWith(t, file, env, "upload", "--name", "photo.jpg", "--json", "-")
	if o := objects(t, got.out)["-"]; got.code != exitOK || o.Attempts != 2 || o.ContentType != "image/jpeg" {
		t.Errorf("exit %d, %+v, %s", got.code, o, got.err)
	}
}

// Only the argument - is standard input.
func TestUploadAFileNamedDash(t *testing.T) {
	t.Chdir(tree(t, "-", "b.pdf"))
	for _, args := range [][]string{{"."}, {"*"}, {"--files-from", "-"}} {
		got := callWith(t, strings.NewReader("-\nb.pdf\n"), nil, append([]string{"upload", "--demo", "--json"}, args...)...)
		if have := objects(t, got.out); got.code != exitOK || len(have) != 2 || have["-"].ID == "" {
			t.Errorf("%s: exit %d: %s%s", args, got.code, got.out, got.err)
		}
	}
}

func TestUploadDemoNeedsNothing(t *testing.T) {
	got := call(t, nil, "upload", "--demo", "samples")
	if got.code != exitOK || strings.Count(got.out, "\n") != 6 {
		t.Errorf("exit %d, %q, %q", got.code, got.out, got.err)
	}
}

func TestUploadQuietSaysOnlyResults(t *testing.T) {
	got := call(t, nil, "upload", "--demo", "--quiet", "samples")
	if got.code != exitOK || got.err != "" || !strings.Contains(got.out, "photo.jpg") {
		t.Errorf("exit %d, %q, %q", got.code, got.out, got.err)
	}
}

func TestUploadSaysWhatToDo(t *testing.T) {
	for name, tt := range map[string]struct {
		fault commboxtest.Fault
		code  exitStatus
		want  string
	}{
		"401": {commboxtest.Status(401), exitRefused, "Settings > API"},
		"403": {commboxtest.Status(403), exitRefused, "\"commbox check\" tells more"},
		"404": {commboxtest.Status(404), exitFailed, "check the stream ID"},
		"429": {commboxtest.Status(429, commboxtest.Header("Retry-After", "3600")), exitTryAgain, "fewer --workers"},
		"501": {commboxtest.Status(501), exitFailed, "CommBox, or a proxy before it, failed"},
		"503": {commboxtest.Status(503, commboxtest.Header("Retry-After", "3600")), exitTryAgain, "CommBox, or a proxy before it, failed"},
		"200": {commboxtest.Answer(200, "text/html", "<html>login</html>"), exitFailed, "what answers is not CommBox"},
		"302": {commboxtest.Status(302), exitFailed, "what answers is not CommBox"},
	} {
		t.Run(name, func(t *testing.T) {
			s, env := serving(t)
			s.Fail(tt.fault.Forever())
			got := call(t, env, "upload", "samples/offer.pdf")
			if got.code != tt.code || !strings.Contains(got.err, name) || !strings.Contains(got.err, tt.want) {
				t.Errorf("exit %d\nstdout: %s\nstderr: %s", got.code, got.out, got.err)
			}
			if strings.Contains(got.err, "run the same command again later") != (tt.code == exitTryAgain) {
				t.Errorf("exit %d, but: %s", got.code, got.err)
			}
			if strings.Contains(got.out+got.err, s.Key()) {
				t.Error("the key is in the output")
			}
		})
	}
}

// A refused key fails every file; nobody wants to read that a thousand times.
func TestUploadStopsAtARefusedKey(t *testing.T) {
	names := make([]string, 300)
	for i := range names {
		names[i] = strings.Repeat("x", i+1-i/200*200) + string(rune('a'+i/200)) + ".pdf"
	}
	s, env := serving(t)
	s.SetKey("another")
	dir := tree(t, names...)
	if err := os.WriteFile(filepath.Join(dir, "empty.pdf"), nil, 0o600); err != nil { // says nothing of the key
		t.Fatal(err)
	}
	got := call(t, env, "upload", dir)
	if n := len(s.Requests()); got.code != exitRefused || n != 1 {
		t.Errorf("exit %d after %d requests", got.code, n)
	}
	if !strings.Contains(got.err, "stopped: 299 files were not tried") {
		t.Errorf("standard error: %q", got.err)
	}
}

func TestUploadStopsWithoutAKey(t *testing.T) {
	_, env := serving(t)
	dir := tree(t, "a.pdf", "b.pdf", "c.pdf")
	got := call(t, append(env, "COMMBOX_API_KEY=", "COMMBOX_API_KEY_FILE="+filepath.Join(dir, "gone")), "upload", dir)
	if got.code != exitRefused || strings.Count(got.out, "\n") != 2 || !strings.Contains(got.err, "the API key cannot be read") ||
		strings.Contains(got.err, "a file was not found") || !strings.Contains(got.err, "2 files were not tried") {
		t.Errorf("exit %d: %s%s", got.code, got.out, got.err)
	}
}

func TestUploadDryRun(t *testing.T) {
	dir := tree(t, "a.pdf", "empty.jpg", "big.jpg", ".hidden")
	if err := os.Truncate(filepath.Join(dir, "empty.jpg"), 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(dir, "big.jpg"), 6<<20); err != nil {
		t.Fatal(err)
	}
	s, env := serving(t)
	got := call(t, env, "upload", "--dry-run", "--json", dir)
	have := objects(t, got.out)
	if got.code != exitFailed || len(have) != 3 || len(s.Requests()) != 0 {
		t.Errorf("exit %d, %d requests, %s", got.code, len(s.Requests()), got.out)
	}
	if o := have[filepath.Join(dir, "a.pdf")]; o.Error != "" || o.ID != "" || o.ContentType != "application/pdf" || o.Bytes != 5 {
		t.Errorf("a.pdf: %+v", o)
	}
	for _, name := range []string{"empty.jpg", "big.jpg"} {
		if o := have[filepath.Join(dir, name)]; o.Error == "" || !o.DryRun {
			t.Errorf("%s would not be refused: %+v", name, o)
		}
	}
	if got := call(t, nil, "upload", "--dry-run", filepath.Join(dir, "big.jpg")); !strings.Contains(got.out, "  refused  ") || strings.Contains(got.out+got.err, "failed") || strings.Contains(got.err, "--dry-run") {
		t.Errorf("%s%s", got.out, got.err)
	}
	// Neither a key nor a stream is needed to look at files.
	if got := call(t, nil, "upload", "--dry-run", "samples"); got.code != exitOK || strings.Count(got.out, "  ok  ") != 5 {
		t.Errorf("exit %d: %s%s", got.code, got.out, got.err)
	}
}

func TestUploadOfNothing(t *testing.T) {
	got := call(t, nil, "upload", "--demo", t.TempDir())
	if got.code != exitOK || got.out != "" || !strings.Contains(got.err, "nothing to upload") {
		t.Errorf("exit %d, %q, %q", got.code, got.out, got.err)
	}
}

func TestUploadWithAJournalGoesOnWhereItStopped(t *testing.T) {
	s, env := serving(t)
	dir := tree(t, "a.pdf", "b.pdf", "c.pdf")
	path := filepath.Join(t.TempDir(), "journal")
	run := func() (outcome, map[string]object) {
		got := call(t, env, "upload", "--json", "--journal", path, "--workers", "1", dir)
		return got, objects(t, got.out)
	}
	s.Fail(commboxtest.Status(400))
	got, first := run()
	if got.code != exitFailed || len(s.Uploads()) != 2 || first[filepath.Join(dir, "a.pdf")].Error == "" {
		t.Fatalf("exit %d: %s", got.code, got.out)
	}
	got, second := run()
	if got.code != exitOK || len(s.Uploads()) != 3 {
		t.Errorf("exit %d, %d uploads: %s", got.code, len(s.Uploads()), got.out)
	}
	for _, name := range []string{"b.pdf", "c.pdf"} {
		file := filepath.Join(dir, name)
		if a, b := first[file], second[file]; !b.Already || b.ID != a.ID || b.ContentType != a.ContentType || b.Bytes != a.Bytes {
			t.Errorf("%s: first %+v, then %+v", name, a, b)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "b.pdf"), []byte("changed"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _ := run(); got.code != exitOK || len(s.Uploads()) != 4 {
		t.Errorf("a changed file: exit %d, %d uploads", got.code, len(s.Uploads()))
	}
}

func TestUploadRefusesAJournalThatIsNone(t *testing.T) {
	dir := tree(t, "photo.jpg")
	photo := filepath.Join(dir, "photo.jpg")
	got := call(t, nil, "upload", "--demo", "--journal", photo, photo)
	data, err := os.ReadFile(photo)
	if got.code != exitUsage || err != nil || string(data) != "photo.jpg" || strings.Contains(got.err, "commbox help") {
		t.Errorf("exit %d, the file is now %q, %v; %s", got.code, data, err, got.err)
	}
}
