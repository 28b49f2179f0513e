package commboxtest

import "github.com/commbox-go/client/commbox/internal/sample"

// Document is what the server serves.
func (s *Server) Document() *sample.Document { return s.doc.Document }
