package commboxtest

// T has the methods of *testing.T, *testing.B and *testing.F that [New] needs.
type T interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
}

// New starts a server for one test, as [NewServer] does. When the test ends, it
// closes the server, and each of the [Server.Violations] fails the test.
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
