package project

import (
	"bytes"
	"cmp"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/commbox-go/client/api/internal/document"
	"github.com/commbox-go/client/api/internal/golang"
)

const root = "../../.."

// long is set by make test-long.
var long = os.Getenv("COMMBOX_TEST_LONG") != ""

// madeUp are the seeds of so many made-up APIs, in the short form and in the
// long one. They begin with COMMBOX_TEST_SEED, which the nightly workflow sets.
func madeUp(t *testing.T, short, full uint64) iter.Seq[uint64] {
	t.Helper()
	first, err := strconv.ParseUint(cmp.Or(os.Getenv("COMMBOX_TEST_SEED"), "1"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return func(yield func(uint64) bool) {
		for n := range map[bool]uint64{false: short, true: full}[long] {
			if !yield(first + n) {
				return
			}
		}
	}
}

// upload is the page that package commbox is made for, as these tests know it.
func upload(t *testing.T) document.Input {
	t.Helper()
	in, err := Read(os.DirFS("../../cmd/generate/testdata/module"), "api/published/returns-a-whatsapp-id-for-an-uploaded-file.md")
	if err != nil {
		t.Fatal(err)
	}
	return in[0]
}

func sourcesOf(files map[string][]byte) []document.Input {
	var all []document.Input
	for _, name := range slices.Sorted(maps.Keys(files)) {
		all = append(all, document.Input{Name: "api/published/" + name, Data: files[name]})
	}
	return all
}

func settings(t *testing.T) (repairs document.Input, generator golang.Config) {
	t.Helper()
	files, err := Read(os.DirFS(root), overlay, config)
	if err != nil {
		t.Fatal(err)
	}
	generator, err = golang.ParseConfig(files[1].Data)
	if err != nil {
		t.Fatal(err)
	}
	return files[0], generator
}

// Whatever CommBox publishes becomes a client that package commbox compiles
// with, without an edit, and what was accepted is not told again.
func TestWhateverIsPublished(t *testing.T) {
	repairs, generator := settings(t)
	for seed := range madeUp(t, 1, 2) {
		pages := sourcesOf(madeUpPages(seed))
		name, data := madeUpDocument(seed)
		whole := document.Input{Name: "api/published/" + name, Data: data}
		for kind, sources := range map[string][]document.Input{
			"every page beside the other":      append(slices.Clone(pages), upload(t)),
			"the whole document":               {whole},
			"the whole document beside a page": {upload(t), whole},
			"everything":                       append(slices.Clone(pages), whole, upload(t)),
		} {
			if !long && kind != "everything" {
				continue
			}
			doc, defects, err := document.Build(sources, repairs)
			if err != nil {
				t.Fatal(err)
			}
			file := defectsFile(defects)
			if again := unknown(defects, file); len(again) > 0 || len(unknown(defects, nil)) == 0 {
				t.Errorf("%d of %d defects are not accepted, such as %v", len(again), len(defects), again[:1])
			}
			code, err := golang.Generate(doc, generator)
			if err != nil {
				t.Fatal(err)
			}
			if err := compile(t.Context(), root, code); err != nil {
				t.Fatalf("seed %d: %s: %v", seed, kind, err)
			}
		}
	}
}

// So does every page alone. The short form generates nothing from most of them.
func TestEveryPageAlone(t *testing.T) {
	t.Parallel()
	repairs, generator := settings(t)
	own := upload(t)
	for seed := range madeUp(t, 1, 1) {
		for i, page := range sourcesOf(madeUpPages(seed)) {
			doc, _, err := document.Build([]document.Input{own, page}, repairs)
			if err == nil && (long || i == 0) {
				var code []byte
				if code, err = golang.Generate(doc, generator); err == nil {
					err = compile(t.Context(), root, code)
				}
			}
			if err != nil {
				t.Errorf("%s: %v", page.Name, err)
			}
		}
	}
}

// An upload that the whole document lacks is missed before anything else.
func TestWithoutUpload(t *testing.T) {
	t.Parallel()
	repairs, _ := settings(t)
	_, _, err := document.Build(sourcesOf(madeUpPages(1)), repairs)
	want := "api/overlay.yaml: no source has the operation POST /whatsapp/uploadmedia/{ENCRYPTED_STREAM_ID}, which package commbox needs " +
		"(put the page that has it beside the others, or adapt package commbox and x-needs)"
	if err == nil || err.Error() != want {
		t.Errorf("it says %v", err)
	}
}

// The bearer that a document calls a key in Authorization is the bearer, whatever the key's name.
func TestBearerByAnotherName(t *testing.T) {
	t.Parallel()
	repairs, _ := settings(t)
	for _, name := range []string{"key", "apiKey"} {
		page := upload(t)
		key := fmt.Sprintf(`"security": [{%q: []}], "components": {"securitySchemes": {%q: {"type": "apiKey", "in": "header", "name": "Authorization"}},`, name, name)
		page.Data = bytes.Replace(page.Data, []byte(`"components": {`), []byte(key), 1)
		doc, _, err := document.Build([]document.Input{page}, repairs)
		if err != nil || bytes.Contains(doc, []byte(`"type": "apiKey"`)) {
			t.Errorf("%s: %v\n%s", name, err, doc)
		}
	}
}
