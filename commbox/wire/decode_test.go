package wire_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/wire"
)

// body refuses itself.
type body struct{ io.Reader }

var errRefused = errors.New("refused")

func (body) Close() error             { return nil }
func (body) Refuse(cause error) error { return errors.Join(errRefused, cause) }

// parse does what the generated code does.
func parse(rsp *http.Response) (*map[string]int, error) {
	data, err := io.ReadAll(rsp.Body)
	rsp.Body = http.NoBody
	result := map[string]int{}
	if err == nil && strings.Contains(rsp.Header.Get("Content-Type"), "json") {
		err = json.Unmarshal(data, &result)
	}
	return &result, err
}

func TestDecode(t *testing.T) {
	t.Parallel()
	two := wire.Answers{"200": wire.JSON, "204": wire.None}
	for name, test := range map[string]struct {
		status            int
		contentType, body string
		documented        wire.Answers
		want              bool
	}{
		"documented":                 {200, "application/json", `{"a":1}`, two, true},
		"of another type":            {200, "application/json", `{"a":"x"}`, two, false},
		"JSON that is none":          {200, "application/json", `{"a"`, two, false},
		"not JSON":                   {200, "text/plain", `ok`, two, false},
		"no content":                 {204, "", ``, two, true},
		"nothing where JSON belongs": {200, "", ``, two, false},
		"not documented":             {206, "application/json", `{"a":1}`, two, false},
		"a range":                    {206, "application/json", `{"a":1}`, wire.Answers{"2XX": wire.JSON}, true},
		"not JSON in a range":        {206, "text/html", ``, wire.Answers{"2XX": wire.JSON}, false},
		"no content in a range":      {204, "", ``, wire.Answers{"2XX": wire.JSON}, true},
		"no answer documented":       {200, "text/plain", ``, nil, true},
		"HTML":                       {200, "text/html", `<p>`, wire.Answers{"200": wire.Other}, true},
		"HTML of a proxy":            {200, "text/html", `<p>`, wire.Answers{"200": wire.None}, false},
		"HTML, nothing documented":   {200, "text/html", `<p>`, nil, false},
		"a failure":                  {404, "text/html", ``, two, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rsp := &http.Response{StatusCode: test.status, Header: http.Header{"Content-Type": {test.contentType}}, Body: body{strings.NewReader(test.body)}}
			result, err := wire.Decode(rsp, parse, test.documented)
			if (err == nil) != test.want || (result == nil) == test.want || err != nil && !errors.Is(err, errRefused) {
				t.Errorf("%v, %v", result, err)
			}
		})
	}
	rsp := &http.Response{StatusCode: 206, Body: http.NoBody}
	if result, err := wire.Decode(rsp, parse, two); err == nil || result != nil {
		t.Errorf("a body that refuses nothing: %v, %v", result, err)
	}
}
