package delivery

import (
	"net/http/httptrace"
	"net/textproto"
)

// trace has net/http report its events to progress: only with them can a
// failure be told from one where nothing was sent. It asks for no more than
// the attempt needs.
func (p *progress) trace() *httptrace.ClientTrace {
	t := &httptrace.ClientTrace{
		GetConn: func(string) { p.connRequested() },
		GotConn: func(httptrace.GotConnInfo) { p.connReady() },
	}
	if p.inMemory {
		t.WroteRequest = func(httptrace.WroteRequestInfo) { p.requestWritten() }
	}
	if p.announced {
		t.Wait100Continue = p.waiting100
		t.Got100Continue = p.got100
		t.GotFirstResponseByte = p.gotFirstByte
		t.Got1xxResponse = func(int, textproto.MIMEHeader) error { return p.gotInterim() }
	}
	return t
}
