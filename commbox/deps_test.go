package commbox_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestWhatAnImporterCompiles: this module, oapi-codegen's runtime and what that
// needs; nothing of the generator, of the document's tools or of tests.
func TestWhatAnImporterCompiles(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	allowed := []string{
		"github.com/commbox-go/client/commbox",
		"github.com/commbox-go/client/commbox/internal/await",
		"github.com/commbox-go/client/commbox/internal/delivery",
		"github.com/commbox-go/client/commbox/internal/form",
		"github.com/commbox-go/client/commbox/internal/whatsapp",
		"github.com/commbox-go/client/commbox/wire",
		"github.com/commbox-go/client/gen",
		"github.com/oapi-codegen/runtime",
		"github.com/oapi-codegen/runtime/types",
		"github.com/apapsch/go-jsonmerge/v2",
		"github.com/google/uuid",
	}
	for _, pkg := range strings.Fields(string(out)) {
		if !slices.Contains(allowed, pkg) {
			t.Errorf("package commbox compiles %s", pkg)
		}
	}
}
