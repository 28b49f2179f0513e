package main_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// committed is what must survive every failure.
func (m *module) committed() map[string]string {
	m.t.Helper()
	files := map[string]string{}
	for _, name := range []string{"api/openapi.json", "gen/client.gen.go", "gen/doc.go"} {
		if info, err := os.Lstat(m.path(name)); err == nil && info.Mode().IsRegular() {
			files[name] = m.read(name)
		}
	}
	return files
}

// leftovers are files of a run that are still there.
func (m *module) leftovers() []string {
	found, _ := filepath.Glob(m.path("*/.generate-*"))
	return found
}

// Whatever goes wrong, no output changes, and the message names the file and
// what to do.
func TestFaults(t *testing.T) {
	t.Parallel()
	const page = "api/published/returns-a-whatsapp-id-for-an-uploaded-file.md"
	must := func(m *module, err error) {
		m.t.Helper()
		if err != nil {
			m.t.Fatal(err)
		}
	}
	tests := map[string]struct {
		damage func(m *module)
		want   []string
	}{
		"unreadable source": {
			func(m *module) { must(m, os.Symlink("nowhere", m.path("api/published/gone.md"))) },
			[]string{"error: open api/published/gone.md: no such file"},
		},
		"folder among the sources": {
			func(m *module) { must(m, os.Mkdir(m.path("api/published/more.md"), 0o755)) },
			[]string{"error: read api/published/more.md: is a directory"},
		},
		"no sources": {
			func(m *module) { must(m, os.Remove(m.path(page))) },
			[]string{"error: api/published: there is no source", "save a page"},
		},
		"no folder of sources": {
			func(m *module) { must(m, os.RemoveAll(m.path("api/published"))) },
			[]string{"error: api/published: there is no source", "root of the module"},
		},
		"broken source": {
			func(m *module) { m.edit(page, `"paths": {`, `"paths" {`) },
			[]string{"error: " + page + ": line 33: invalid character '{' after object key"},
		},
		"no overlay": {
			func(m *module) { must(m, os.Remove(m.path("api/overlay.yaml"))) },
			[]string{"error: open api/overlay.yaml: no such file"},
		},
		"typing error in a rule": {
			func(m *module) {
				m.edit("api/overlay.yaml", "target: $..properties.response_time\n", "target: $..properties.response_tine\n")
			},
			[]string{"error: api/overlay.yaml:", "target $..properties.response_tine (response_time is a date-time in some answers and a plain string in others.) matches nothing", `did you mean "response_time"?`},
		},
		"page repaired by CommBox": {
			func(m *module) {
				m.edit(page, `"schema": {
                "type": "object",
                "properties": {
                  "pic"`, `"schema": {
                "type": "object",
                "required": ["pic"],
                "properties": {
                  "pic"`)
			},
			[]string{"error: api/overlay.yaml:", "(An upload without its file is refused; the document does not say that the part is required.) is no longer needed"},
		},
		"page rearranged by CommBox": {
			func(m *module) { m.edit(page, `"pic": {`, `"file": {`) },
			[]string{"error: api/overlay.yaml:", "(An upload without its file is refused; the document does not say that the part is required.) matches nothing"},
		},
		"no upload": {
			func(m *module) {
				must(m, os.Remove(m.path(page)))
				m.write("api/published/contacts.md", contacts)
			},
			[]string{"error: api/overlay.yaml: no source has the operation POST /whatsapp/uploadmedia/{ENCRYPTED_STREAM_ID}, which package commbox needs"},
		},
		"dangling references": {
			func(m *module) {
				m.edit("api/overlay.yaml", "        ErrorResponse:\n", "        OtherResponse:\n")
				m.edit(page, `"ErrorResponse": {`, `"Gone": {`)
			},
			[]string{`/responses/400/content/application~1json/schema: the reference "#/components/schemas/ErrorResponse" leads to nothing (define what it names in the overlay`},
		},
		"configuration of the generator": {
			func(m *module) { m.write("api/codegen.yaml", "package: [") },
			[]string{"error: api/codegen.yaml: yaml: line 1: did not find expected node content"},
		},
		"code that does not compile": {
			func(m *module) {
				m.edit("api/overlay.yaml", "wire.Text\n        x-go-type-import: &wire", "wire.None\n        x-go-type-import: &wire")
			},
			[]string{"error: gen/client.gen.go: does not compile", "gen/client.gen.go:", "wire.None"},
		},
		"two types of one name": {
			func(m *module) {
				m.edit("api/overlay.yaml", "x-go-type-name: UploadedMedia", "x-go-type-name: UploadAnswer")
			},
			[]string{"error: api/openapi.json: two types have the name UploadAnswer", "x-go-type-name"},
		},
		"file in place of the output folder": {
			func(m *module) {
				must(m, os.RemoveAll(m.path("gen")))
				m.write("gen", "")
			},
			[]string{"error: gen/client.gen.go: cannot be written: "},
		},
		"no output folder": {
			func(m *module) { must(m, os.RemoveAll(m.path("gen"))) },
			[]string{"error: gen/client.gen.go: cannot be written: ", "no such file"},
		},
		"folder in place of the document": {
			func(m *module) {
				must(m, os.Remove(m.path("api/openapi.json")))
				must(m, os.Mkdir(m.path("api/openapi.json"), 0o755))
			},
			[]string{"error: api/openapi.json: cannot be written: "},
		},
		"folder in place of the code": {
			func(m *module) {
				m.write("api/published/contacts.md", contacts)
				must(m, os.Remove(m.path("gen/client.gen.go")))
				must(m, os.Mkdir(m.path("gen/client.gen.go"), 0o755))
			},
			[]string{"error: gen/client.gen.go: "},
		},
		"no go command": {
			func(m *module) { m.env = append(m.env, "PATH="+m.root) },
			[]string{"error: api/openapi.json: ", `"go": executable file not found`},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := newModule(t)
			tt.damage(m)
			before := m.committed()
			for _, args := range [][]string{nil, {"-check"}}[:long(1, 2)] {
				stdout, stderr, status := m.run(args...)
				if status != 1 {
					t.Errorf("%v: exit status %d\n%s%s", args, status, stdout, stderr)
				}
				for _, want := range tt.want {
					if len(args) == 0 && !strings.Contains(stderr, want) {
						t.Errorf("the message lacks %q:\n%s", want, stderr)
					}
				}
			}
			if diff := cmp.Diff(before, m.committed()); diff != "" {
				t.Error("the output changed", diff)
			}
			if left := m.leftovers(); left != nil {
				t.Error("left behind:", left)
			}
		})
	}
}

// A disk that is full leaves everything as it was, whichever of the two
// folders is on it.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" || os.Getuid() != 0 {
		t.Skip("mounts a file system, which needs root on Linux")
	}
	root := t.TempDir()
	const blank = 4 << 10
	m := newModuleIn(t, root)
	m.write("api/published/contacts.md", contacts)
	for _, folder := range []string{"api", "gen"}[:long(1, 2)] {
		tiny := filepath.Join(root, "tiny-"+folder)
		if err := os.Mkdir(tiny, 0o755); err != nil {
			t.Fatal(err)
		}
		size := 0
		for _, data := range m.folder(folder) {
			size += (len(data)/blank + 2) * blank
		}
		mount := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%d", size), "tmpfs", tiny)
		if out, err := mount.CombinedOutput(); err != nil {
			t.Skipf("cannot mount: %v %s", err, out)
		}
		t.Cleanup(func() { _ = exec.CommandContext(context.Background(), "umount", tiny).Run() })
		if out, err := exec.CommandContext(t.Context(), "cp", "-a", m.path(folder)+"/.", tiny).CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
		full := newModuleIn(t, t.TempDir())
		full.write("api/published/contacts.md", contacts)
		if err := os.RemoveAll(full.path(folder)); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(tiny, full.path(folder)); err != nil {
			t.Fatal(err)
		}
		// What little room is left.
		_ = os.WriteFile(filepath.Join(tiny, "filler"), make([]byte, 64<<20), 0o644)
		before := full.committed()
		_, stderr, status := full.run()
		if status != 1 || !strings.Contains(stderr, "cannot be written: ") || !strings.Contains(stderr, "no space left on device") {
			t.Errorf("%s full: exit status %d\n%s", folder, status, stderr)
		}
		if diff := cmp.Diff(before, full.committed()); diff != "" {
			t.Errorf("%s full: the output changed: %s", folder, diff)
		}
		if left := full.leftovers(); left != nil {
			t.Error("left behind:", left)
		}
	}
}

// No step writes a file that is cut off and takes it for whole.
func TestFileSizeLimit(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("has no such limit")
	}
	m := newModule(t)
	m.write("api/published/contacts.md", contacts)
	before := m.committed()
	for _, blocks := range []int{24, 0, 8, 16, 32}[:long(1, 5)] { // of 512 bytes; the outputs have about 13 and 20 KiB
		limited := exec.CommandContext(t.Context(), "sh", "-c", fmt.Sprintf(`ulimit -f %d && exec "$0"`, blocks), command)
		stdout, stderr, status := m.finish(limited)
		if status != 1 || stderr == "" {
			t.Errorf("%d blocks: exit status %d\n%s%s", blocks, status, stdout, stderr)
		}
		if diff := cmp.Diff(before, m.committed()); diff != "" {
			t.Errorf("%d blocks: the output changed: %s", blocks, diff)
		}
	}
}
