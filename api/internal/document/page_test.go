package document_test

import (
	"strings"
	"testing"

	"github.com/commbox-go/client/api/internal/document"
)

func TestHoldsOperation(t *testing.T) {
	t.Parallel()
	const operation = "````json GET /contacts\n{\"openapi\": \"3.0.3\", \"paths\": {\"/contacts\": {\"get\": {}}}}\n````\n"
	tests := map[string]struct {
		page string
		want bool
		err  string
	}{
		"operation":           {page: "# Contacts\n\n" + operation, want: true},
		"guide":               {page: "# Begin\n\n```json\n{\"status\": 200}\n```\n"},
		"nothing":             {},
		"document of no path": {page: strings.Replace(operation, `{"/contacts": {"get": {}}}`, "{}", 1)},
		"no paths":            {page: "```yaml\nopenapi: 3.0.3\n```\n"},
		"cut off":             {page: operation[:60], err: "contacts.md: line 2: "},
		"not closed":          {page: strings.TrimSuffix(operation, "````\n"), err: "is not closed"},
		"two documents":       {page: "```yaml\nopenapi: 3.0.3\n```\n" + operation, want: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := document.HoldsOperation(document.Input{Name: "contacts.md", Data: []byte(tt.page)})
			if got != tt.want || tt.err == "" && err != nil {
				t.Errorf("%t and error %v, want %t", got, err, tt.want)
			}
			if tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want one with %q", err, tt.err)
			}
		})
	}
}
