package commbox_test

import (
	"testing"

	"github.com/commbox-go/client/commbox/internal/leaktest"
)

func TestMain(m *testing.M) { leaktest.Main(m) }
