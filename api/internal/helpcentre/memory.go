package helpcentre

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"

	"github.com/commbox-go/client/api/internal/project"
)

// A memory says what each page was in the last run, by its URL. It is
// committed with the pages, so that every machine asks only for newer ones.
type memory map[string]remembered

type remembered struct {
	ETag   string `json:"etag"`
	SHA256 string `json:"sha256,omitempty"` // of a page that holds an operation
}

const memoryFile = folder + "/.fetched.json" // the dot says that it is no source

// recall reads the memory. Without one every page is fetched anew, no more.
func recall(module fs.FS) memory {
	var m memory
	if data, err := fs.ReadFile(module, memoryFile); err != nil || json.Unmarshal(data, &m) != nil {
		return nil
	}
	return m
}

// etag is what to ask with for a page. It is empty if the file is not what
// the page was.
func (m memory) etag(page *url.URL, file []byte) string {
	if known := m[page.String()]; known.SHA256 == sum(file) {
		return known.ETag
	}
	return ""
}

// after is what to remember after a run.
func (m memory) after(wanted []*url.URL, answers []answer) memory {
	now := memory{}
	for i, page := range wanted {
		switch a := answers[i]; {
		case a.status == http.StatusNotModified:
			now[page.String()] = m[page.String()]
		case a.etag != "" && a.holdsOperation:
			now[page.String()] = remembered{a.etag, sum(a.body)}
		case a.etag != "":
			now[page.String()] = remembered{ETag: a.etag}
		}
	}
	return now
}

func (m memory) file() project.File {
	data, _ := json.MarshalIndent(m, "", "  ") // strings cannot fail
	return project.File{Name: memoryFile, Data: append(data, '\n')}
}

// sum is the SHA-256 of a file in hexadecimal digits, or empty for no file.
func sum(file []byte) string {
	if file == nil {
		return ""
	}
	hash := sha256.Sum256(file)
	return hex.EncodeToString(hash[:])
}
