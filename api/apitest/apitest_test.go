package apitest_test

import (
	"bytes"
	"maps"
	"testing"

	"github.com/commbox-go/client/api/apitest"
)

// The material does not depend on anything but its seed.
func TestSameSeedSameMaterial(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2) {
		one, again := apitest.Pages(seed), apitest.Pages(seed)
		if len(one) != 40 || !maps.EqualFunc(one, again, bytes.Equal) {
			t.Errorf("seed %d: %d pages, or two kinds of them", seed, len(one))
		}
		name, data := apitest.Whole(seed)
		if other, again := apitest.Whole(seed); name != other || !bytes.Equal(data, again) {
			t.Errorf("seed %d: two kinds of %s", seed, name)
		}
	}
}
