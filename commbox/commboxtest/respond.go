package commboxtest

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/commbox-go/client/commbox/internal/sample"
)

// respond holds the request to the document and answers as the document shows.
// What it refuses before the body is of interest, it refuses without reading it.
func (x *exchange) respond(body io.Reader) *answer {
	t := x.target
	switch {
	case t.route == nil:
		return x.refuse(http.StatusNotFound, problem{"no such path", t.pointer()})
	case t.route.Operation == nil:
		a := x.refuse(http.StatusMethodNotAllowed, problem{"no such method", t.pointer()})
		allowed := slices.Sorted(maps.Keys(t.route.PathItem.Operations()))
		a.header.Set("Allow", strings.Join(allowed, ", "))
		return a
	case t.err != "":
		return x.refuse(http.StatusNotFound, problem{t.err, t.pointer("parameters")})
	}
	if a := x.authorize(); a != nil {
		return a
	}
	if wait, ok := x.limited(); ok {
		a := x.server.doc.example(t, http.StatusTooManyRequests)
		a.header.Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
		return a
	}
	if problems := x.checkParameters(); problems != nil {
		return x.refuse(http.StatusBadRequest, problems...)
	}
	problems := x.checkBody(body)
	if x.body.err != nil {
		return nil // no one is there to be answered
	}
	if problems != nil {
		x.uploads = nil
		return x.refuse(http.StatusBadRequest, problems...)
	}
	a := x.server.doc.success(t)
	x.fillIn(a)
	return a
}

// limited says how long to wait, if the rate limit does not let the request pass.
func (x *exchange) limited() (wait time.Duration, yes bool) {
	if x.fault.name != "" {
		return 0, false
	}
	return x.server.limiter.take(x.server.options.now())
}

// refuse notes what is wrong with the request and answers with the status.
func (x *exchange) refuse(status int, problems ...problem) *answer {
	for _, p := range problems {
		x.records().violate(fmt.Sprintf("%s %s: %s: %s", x.r.Method, x.r.URL.EscapedPath(), p.text, p.pointer))
	}
	return x.server.doc.example(x.target, status)
}

// fillIn puts what is new about each upload into the places that an answer has
// for it: objects with the two properties id and filename. A list of them gets
// one for each upload. An answer that wants IDs of another kind stays as it is.
func (x *exchange) fillIn(a *answer) {
	if len(x.uploads) == 0 {
		return
	}
	shown, schema := a.body, x.answerSchema(a)
	a.edit(func(v any) any { return filledIn(v, x.uploads) })
	if value, err := sample.DecodeJSON(a.body); err == nil && schema != nil && x.server.doc.Check(sample.Answer, schema.Value, value) != nil {
		a.body = shown
	}
}

func filledIn(value any, uploads []Upload) any {
	switch v := value.(type) {
	case map[string]any:
		if isMedia(v) {
			return medium(v, uploads[0])
		}
		for name := range v {
			v[name] = filledIn(v[name], uploads)
		}
	case []any:
		if len(v) > 0 && isMedia(v[0]) {
			list := make([]any, len(uploads))
			for i, u := range uploads {
				list[i] = medium(v[0].(map[string]any), u)
			}
			return list
		}
		for i := range v {
			v[i] = filledIn(v[i], uploads)
		}
	}
	return value
}

func isMedia(value any) bool {
	fields, ok := value.(map[string]any)
	return ok && fields["id"] != nil && fields["filename"] != nil
}

func medium(shown map[string]any, u Upload) map[string]any {
	fields := maps.Clone(shown)
	fields["filename"] = u.FileName
	if _, ok := shown["id"].(json.Number); ok {
		fields["id"] = json.Number(u.ID)
	} else {
		fields["id"] = u.ID
	}
	return fields
}
