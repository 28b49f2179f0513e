package project

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/commbox-go/client/api/internal/document"
	"github.com/commbox-go/client/api/internal/golang"
)

// TestContract generates from documents that are not the project's, and holds
// every operation to the contract tests of the project, all in place of the
// present document and client.
func TestContract(t *testing.T) {
	const page = "api/cmd/generate/testdata/module/api/published/returns-a-whatsapp-id-for-an-uploaded-file.md"
	depend(t, "commbox")
	repairs, generator := settings(t)
	const corpus = "api/cmd/generate/testdata/corpus/"
	all := map[string][]document.Input{
		"styles": inputs(t, page, "api/internal/golang/testdata/styles.yaml"),
		"odd":    inputs(t, page, corpus+"circles.yaml", corpus+"collisions.yaml", corpus+"compositions.yaml", corpus+"enumerations.yaml", corpus+"odd.yaml", corpus+"whole.json"),
	}
	seeds, few := uint64(2), 40
	if os.Getenv("COMMBOX_TEST_LONG") == "" {
		all = map[string][]document.Input{}
		seeds, few = 1, 15
	}
	for seed := range seeds {
		name := fmt.Sprint("made up ", seed)
		all[name] = inputs(t, page)
		pages := madeUpPages(seed)
		for _, file := range slices.Sorted(maps.Keys(pages))[:few] {
			all[name] = append(all[name], document.Input{Name: file, Data: pages[file]})
		}
	}
	for name, sources := range all {
		t.Run(name, func(t *testing.T) {
			doc, _, err := document.Build(sources, repairs)
			if err != nil {
				t.Fatal(err)
			}
			code, err := golang.Generate(doc, generator)
			if err != nil {
				t.Fatal(err)
			}
			replace := map[string]string{}
			for file, data := range map[string][]byte{"api/openapi.json": doc, "gen/client.gen.go": code} {
				other := filepath.Join(t.TempDir(), filepath.Base(file))
				if err := os.WriteFile(other, data, 0o600); err != nil {
					t.Fatal(err)
				}
				replace[module(t, file)] = other
			}
			overlay, err := json.Marshal(map[string]any{"Replace": replace})
			if err != nil {
				t.Fatal(err)
			}
			file := filepath.Join(t.TempDir(), "overlay.json")
			if err := os.WriteFile(file, overlay, 0o600); err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), "go", "test", "-vet=off", "-overlay", file, "-run", "^TestGenerated", "./commbox/internal/contracttest")
			cmd.Dir = module(t, "")
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// depend makes the go command run this test again when a file of a folder has
// changed: it does not see what the tests inside depend on.
func depend(t *testing.T, folder string) {
	t.Helper()
	err := filepath.WalkDir(module(t, folder), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" {
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// module is the path of a file of this module.
func module(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func inputs(t *testing.T, names ...string) (all []document.Input) {
	t.Helper()
	for _, name := range names {
		data, err := os.ReadFile(module(t, name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, document.Input{Name: name, Data: data})
	}
	return all
}
