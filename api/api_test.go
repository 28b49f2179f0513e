package api_test

import (
	"testing"

	"github.com/commbox-go/client/api"
)

func TestDocumentValidates(t *testing.T) {
	t.Parallel()
	doc, err := api.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Error(err)
	}
}
