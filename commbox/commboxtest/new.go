package commboxtest

// T is what [New] needs of a *testing.T, *testing.B or *testing.F.
type T interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
}

// New starts a CommBox for one test, as [NewServer] does. When the test ends, the
// server is closed, and each of its [Server.Violations] fails the test.
func New(t T, opts ...Option) *Server {
	t.Helper()
	s := NewServer(opts...)
	t.Cleanup(func() {
		t.Helper()
		s.Close()
		for _, violation := range s.Violations() {
			t.Errorf("commboxtest: the contract was broken: %s", violation)
		}
	})
	return s
}
