package faulttest_test

import "testing"

// TestDescriptorsExhausted: a process that can open nothing more is told so, by an
// error for which another time is worth it, and uploads again when it can.
func TestDescriptorsExhausted(t *testing.T) {
	t.Parallel()
	s := newSink(t, false)
	p := startProbe(t, buildProbe(t), s)
	path := sparse(t, 10<<10)
	r := p.do("starve 1 1 %s", path)
	if r.Skipped {
		t.Skip("the number of open files has no limit on this system")
	}
	if !r.Again || r.Invalid {
		t.Errorf("RetryLater is %v, ErrInvalidInput %v, for %s", r.Again, r.Invalid, r.Said)
	}
	p.do("upload 1 1 %s", path)
}
