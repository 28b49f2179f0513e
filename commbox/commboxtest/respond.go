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

// respond checks the request against the document and makes the answer. It reads the
// body only if everything before it is right.
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
		return nil // there is nobody to answer
	}
	if problems != nil {
		x.uploads = nil
		return x.refuse(http.StatusBadRequest, problems...)
	}
	a := x.server.doc.success(t)
	x.fillIn(a)
	return a
}

// limited reports whether the rate limit stops the request, and how long to wait.
func (x *exchange) limited() (wait time.Duration, yes bool) {
	if x.fault.name != "" {
		return 0, false
	}
	return x.server.limiter.take(x.server.options.now())
}

// refuse records the problems of a request and makes an answer with the status.
func (x *exchange) refuse(status int, problems ...problem) *answer {
	for _, p := range problems {
		x.records().violate(fmt.Sprintf("%s %s: %s: %s", x.r.Method, x.r.URL.EscapedPath(), p.text, p.pointer))
	}
	return x.server.doc.example(x.target, status)
}

// fillIn puts the ID and the name of the upload into each object of an answer that has
// the properties id and filename. A list of such objects gets one for each upload. If
// the answer then contradicts its schema, fillIn leaves the answer unchanged.
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
