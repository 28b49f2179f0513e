package realtest

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/commbox/internal/sample"
)

// copyModule copies this module, without what CommBox published, into a folder.
func copyModule(t *testing.T) (root string) {
	t.Helper()
	root = t.TempDir()
	archive := exec.CommandContext(t.Context(), "git", "-C", "../../..", "ls-files", "-z", "-co", "--exclude-standard", "--", "*.go", "go.mod", "go.sum", "api", "gen")
	files, err := archive.Output()
	if err != nil {
		t.Skipf("the module is no git repository: %v", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(files), "\x00"), "\x00") {
		if strings.HasPrefix(name, "api/published/") {
			continue
		}
		data, err := os.ReadFile(filepath.Join("../../..", name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(root, name), data)
	}
	return root
}

// effective is the document that the module at root makes of a whole document of
// 41 operations in CommBox's manner, with the defects of CommBox's own.
func effective(t *testing.T, root string, seed uint64) []byte {
	t.Helper()
	published := filepath.Join(root, "api/published")
	if err := os.RemoveAll(published); err != nil {
		t.Fatal(err)
	}
	madeUp := t.TempDir()
	run(t, root, "test", "-run", "^TestMadeUp$", "./api/internal/project", "-made-up-to", madeUp, "-made-up-seed", fmt.Sprint(seed))
	if err := os.CopyFS(published, os.DirFS(filepath.Join(madeUp, "whole"))); err != nil {
		t.Fatal(err)
	}
	run(t, root, "run", "./api/cmd/generate")
	data, err := os.ReadFile(filepath.Join(root, "api/openapi.json"))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func run(t *testing.T, root string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", args...)
	command.Dir = root
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// Each operation of made-up documents gets the request that its document allows.
// commboxtest fails for none, and Prism for one in twenty at most.
func TestServersOfMadeUpDocuments(t *testing.T) {
	t.Parallel()
	long(t)
	find(t, "prism")
	root := copyModule(t)
	asked, failed := 0, 0
	for seed := range uint64(3) {
		document := effective(t, root, seed)
		doc, err := sample.Load(document)
		if err != nil {
			t.Fatal(err)
		}
		server := commboxtest.New(t, commboxtest.WithKey(key), commboxtest.WithDocument(document))
		url := prism(t, document)
		for _, o := range doc.Operations() {
			if status, body := ask(t, o, server.URL); status >= http.StatusBadRequest {
				t.Errorf("seed %d: commboxtest: %s %s: %d %s", seed, o.Method, o.Path, status, body)
			}
			asked++
			if status, body := ask(t, o, url); status >= http.StatusInternalServerError {
				failed++
				t.Logf("seed %d: Prism: %s %s: %d %s", seed, o.Method, o.Path, status, body)
			}
		}
	}
	t.Logf("Prism failed for %d of %d operations", failed, asked)
	if asked < 3*40 || failed*20 > asked {
		t.Errorf("Prism failed for %d of %d operations, want at most one in twenty", failed, asked)
	}
}

func ask(t *testing.T, o sample.Operation, url string) (status int, body []byte) {
	t.Helper()
	r, err := o.Request(t.Context(), url, key)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, bytes.TrimSpace(body)
}
