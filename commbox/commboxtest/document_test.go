package commboxtest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

const contact = `{"name":"Dana","since":"2025-01-02T03:04:05Z"`

// another starts a server for a document that has nothing to do with CommBox's.
func another(t *testing.T) *commboxtest.Server {
	t.Helper()
	data, err := os.ReadFile("testdata/contacts.json")
	if err != nil {
		t.Fatal(err)
	}
	s := commboxtest.NewServer(commboxtest.WithDocument(data))
	t.Cleanup(s.Close)
	return s
}

func photos(parts ...string) string {
	return "--frontier\r\n" + strings.Join(parts, "\r\n--frontier\r\n") + "\r\n--frontier--\r\n"
}

const (
	formType = "multipart/form-data; boundary=frontier"
	jpeg     = "Content-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\nJPEG"
	png      = "Content-Disposition: form-data; name=\"photo\"; filename=\"b.png\"\r\nContent-Type: image/png\r\n\r\nPNG"
	caption  = "Content-Disposition: form-data; name=\"caption\"\r\n\r\n"
	place    = "Content-Disposition: form-data; name=\"place\"\r\nContent-Type: application/json\r\n\r\n"
)

func TestAnotherDocument(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path, contentType, body string
		status                          int
		want                            string // the answer
	}{
		"GET": {
			method: "GET", path: "/contacts?status=active&limit=5&tag=ab&tag=cd", status: 200,
			want: `[{"address":{"city":"text","zip":"12345"},"name":"text","phones":["tex","tex"],"score":1,"since":"2025-02-06T07:51:52.2581942Z","status":"active"}]`,
		},
		"POST JSON": {
			method: "POST", path: "/contacts", contentType: "application/json; charset=utf-8", body: contact + `,"friend":` + contact + `,"phones":["123",4]}}`, status: 201,
			want: `{"name":"Dana","since":"2025-01-02T03:04:05Z"}`,
		},
		"POST multipart": {
			method: "POST", path: "/contacts/7/photos", contentType: formType, body: photos(jpeg, caption+"At sea", png, place+`{"lat":1.5}`), status: 200,
			want: `{"count":1,"stored":[{"filename":"a.jpg","id":257250616863051},{"filename":"b.png","id":257250616863052}]}`,
		},
		"DELETE":          {method: "DELETE", path: "/contacts/7", status: 204},
		"form":            {method: "PUT", path: "/contacts/7", contentType: "application/x-www-form-urlencoded", body: "name=Dana", status: 202},
		"literal path":    {method: "GET", path: "/contacts/me", status: 200, want: "it is you"},
		"binary, default": {method: "PUT", path: "/blobs/a%2Fb.bin", contentType: "application/octet-stream", body: "\x00\x01", status: 200, want: `{"forest":[],"size":-5}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := another(t)
			r := request(t, s, tt.method, tt.path, tt.contentType, []byte(tt.body))
			if name == "form" {
				r.Header.Set("X-Api-Key", s.Key())
				r.Header.Del("Authorization")
			}
			if name == "literal path" {
				r.Header.Del("Authorization")
			}
			a := mustDo(t, s.HTTPClient(), r)
			if a.StatusCode != tt.status || strings.TrimSpace(string(a.body)) != tt.want {
				t.Errorf("answer: %s\n got %s\nwant %s", a.Status, a.body, tt.want)
			}
			if name == "GET" && a.Header.Get("X-Total") != "2" {
				t.Errorf("header: %v", a.Header)
			}
			noViolations(t, s)
		})
	}
}

func TestViolations(t *testing.T) {
	t.Parallel()
	const (
		upload  = "/paths/~1whatsapp~1uploadmedia~1{ENCRYPTED_STREAM_ID}"
		form    = upload + "/post/requestBody/content/multipart~1form-data/schema"
		list    = "/paths/~1contacts/get"
		photo   = "/paths/~1contacts~1{id}~1photos/post"
		pic     = "Content-Disposition: form-data; name=\"pic\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\nPDF"
		formCut = "--frontier\r\n" + pic + "\r\n--frontier"
	)
	tests := map[string]struct {
		another                         bool // the other document
		method, path, contentType, body string
		noKey                           bool
		header                          [2]string
		status                          int
		want                            []string
	}{
		"unknown path":        {method: "GET", path: "/nope", status: 404, want: []string{"GET /nope: no such path: /paths"}},
		"path and more":       {method: "POST", path: "/whatsapp/uploadmedia/x/y", status: 404, want: []string{"POST /whatsapp/uploadmedia/x/y: no such path: /paths"}},
		"no stream":           {method: "POST", path: "/whatsapp/uploadmedia/", status: 404, want: []string{"POST /whatsapp/uploadmedia/: no such path: /paths"}},
		"unknown method":      {method: "GET", path: uploadPath + "x", status: 405, want: []string{"GET /whatsapp/uploadmedia/x: no such method: " + upload}},
		"dots":                {method: "POST", path: uploadPath + "%2e%2e", status: 404, want: []string{`POST /whatsapp/uploadmedia/%2e%2e: path parameter "ENCRYPTED_STREAM_ID" is "..", which proxies take for another path: ` + upload + "/post/parameters"}},
		"no key":              {method: "POST", path: uploadPath + "x", contentType: formType, body: photos(pic), noKey: true, status: 401, want: []string{"POST /whatsapp/uploadmedia/x: the request has no API key: /"}},
		"no body":             {method: "POST", path: uploadPath + "x", status: 400, want: []string{"POST /whatsapp/uploadmedia/x: the request has no body: " + upload + "/post/requestBody/required"}},
		"wrong content type":  {method: "POST", path: uploadPath + "x", contentType: "application/pdf", body: "PDF", status: 400, want: []string{`POST /whatsapp/uploadmedia/x: content type "application/pdf" is not in the document (want "multipart/form-data"): ` + upload + "/post/requestBody/content"}},
		"no boundary":         {method: "POST", path: uploadPath + "x", contentType: "multipart/form-data", body: photos(pic), status: 400, want: []string{"POST /whatsapp/uploadmedia/x: the content type has no boundary: " + strings.TrimSuffix(form, "/schema")}},
		"wrong part":          {method: "POST", path: uploadPath + "x", contentType: formType, body: photos(strings.Replace(pic, "pic", "file", 1)), status: 400, want: []string{`POST /whatsapp/uploadmedia/x: multipart part "file" is not in the document (want "pic"): ` + form + "/properties", `POST /whatsapp/uploadmedia/x: multipart part "pic" is missing: ` + form + "/required"}},
		"part twice":          {method: "POST", path: uploadPath + "x", contentType: formType, body: photos(pic, pic), status: 400, want: []string{`POST /whatsapp/uploadmedia/x: multipart part "pic" came twice: ` + form + "/properties/pic"}},
		"no file name":        {method: "POST", path: uploadPath + "x", contentType: formType, body: photos(strings.Replace(pic, "; filename=\"a.pdf\"", "", 1)), status: 400, want: []string{`POST /whatsapp/uploadmedia/x: multipart part "pic" is a file and has no file name: ` + form + "/properties/pic"}},
		"extended file name":  {method: "POST", path: uploadPath + "x", contentType: formType, body: photos(strings.Replace(pic, "filename=\"a.pdf\"", "filename*=UTF-8''a.pdf", 1)), status: 400, want: []string{`POST /whatsapp/uploadmedia/x: multipart part "pic" has a filename*, which RFC 7578 (section 4.2) forbids: ` + form + "/properties/pic"}},
		"no part type":        {method: "POST", path: uploadPath + "x", contentType: formType, body: photos(strings.Replace(pic, "Content-Type: application/pdf\r\n", "", 1)), status: 400, want: []string{`POST /whatsapp/uploadmedia/x: multipart part "pic" is a file and has the content type "": ` + form + "/properties/pic"}},
		"nameless part":       {method: "POST", path: uploadPath + "x", contentType: formType, body: photos(pic, "Content-Type: text/plain\r\n\r\nx"), status: 400, want: []string{`POST /whatsapp/uploadmedia/x: multipart part with Content-Disposition "" is not a named form-data part (RFC 7578, section 4.2): ` + form}},
		"unfinished":          {method: "POST", path: uploadPath + "x", contentType: formType, body: formCut, status: 400, want: []string{"POST /whatsapp/uploadmedia/x: the multipart body cannot be read: multipart: NextPart: EOF: " + form}},
		"unknown query":       {method: "POST", path: uploadPath + "x?a=1", contentType: formType, body: photos(pic), status: 400, want: []string{`POST /whatsapp/uploadmedia/x: query parameter "a" is not in the document: ` + upload + "/post/parameters"}},
		"bad query":           {another: true, method: "GET", path: "/contacts?status=here&limit=0", status: 400, want: []string{`GET /contacts: query parameter "limit": number must be at least 1: /components/parameters/Limit/schema/minimum`, `GET /contacts: query parameter "status": value is not one of the allowed values ["active","gone"]: /components/schemas/ContactStatus/enum`}},
		"missing query":       {another: true, method: "GET", path: "/contacts", status: 400, want: []string{`GET /contacts: query parameter "status" is missing: ` + list + "/parameters/1/required"}},
		"query of no number":  {another: true, method: "GET", path: "/contacts?status=gone&limit=ten", status: 400, want: []string{`GET /contacts: query parameter "limit" cannot be read: an invalid integer: /components/parameters/Limit/schema`}},
		"query list":          {another: true, method: "GET", path: "/contacts?status=gone&tag=a", status: 400, want: []string{`GET /contacts: query parameter "tag" at /0: minimum string length is 2: ` + list + "/parameters/2/schema/items/minLength"}},
		"header":              {another: true, method: "GET", path: "/contacts?status=gone", header: [2]string{"X-Trace", "123456789"}, status: 400, want: []string{`GET /contacts: header parameter "X-Trace": maximum string length is 8: /paths/~1contacts/parameters/0/schema/maxLength`}},
		"path parameter":      {another: true, method: "DELETE", path: "/contacts/seven", status: 400, want: []string{`DELETE /contacts/seven: path parameter "id" cannot be read: an invalid integer: /paths/~1contacts~1{id}/parameters/0/schema`}},
		"a body too many":     {another: true, method: "DELETE", path: "/contacts/7", body: "x", status: 400, want: []string{`DELETE /contacts/7: the request has a body, where the document has none: /paths/~1contacts~1{id}/delete`}},
		"JSON type":           {another: true, method: "POST", path: "/contacts", contentType: "application/json", body: contact + `,"friend":` + contact + `,"status":1}}`, status: 400, want: []string{"POST /contacts: the body at /friend/status: value is not one of the allowed values [\"active\",\"gone\"]: /components/schemas/ContactStatus/enum"}},
		"JSON field missing":  {another: true, method: "POST", path: "/contacts", contentType: "application/json", body: `{"name":"Dana"}`, status: 400, want: []string{`POST /contacts: the body: property "since" is missing: /components/schemas/Contact/required`}},
		"JSON date":           {another: true, method: "POST", path: "/contacts", contentType: "application/json", body: `{"name":"Dana","since":"yesterday"}`, status: 400, want: []string{`POST /contacts: the body at /since: string doesn't match the format "date-time"`}},
		"JSON all of":         {another: true, method: "POST", path: "/contacts", contentType: "application/json", body: contact + `,"address":{}}`, status: 400, want: []string{`POST /contacts: the body at /address: property "zip" is missing: `}},
		"JSON one of":         {another: true, method: "POST", path: "/contacts", contentType: "application/json", body: contact + `,"phones":[1,true]}`, status: 400, want: []string{`POST /contacts: the body at /phones/1: value doesn't match any schema from "oneOf": /components/schemas/Contact/properties/phones/items/oneOf`}},
		"JSON broken":         {another: true, method: "POST", path: "/contacts", contentType: "application/json", body: contact + "}}", status: 400, want: []string{"POST /contacts: the body is not JSON, though its content type is application/json: /paths/~1contacts/post/requestBody/content/application~1json/schema"}},
		"form field":          {another: true, method: "PUT", path: "/contacts/7", contentType: "application/x-www-form-urlencoded", body: "nome=x", header: [2]string{"X-Api-Key", "commboxtest-api-key"}, status: 400, want: []string{`PUT /contacts/7: the body: property "name" is missing: /paths/~1contacts~1{id}/put/requestBody/content/application~1x-www-form-urlencoded/schema/required`}},
		"other key":           {another: true, method: "PUT", path: "/contacts/7", status: 401, want: []string{"PUT /contacts/7: the request has no API key: /paths/~1contacts~1{id}/put/security"}},
		"part missing":        {another: true, method: "POST", path: "/contacts/7/photos", contentType: formType, body: photos(caption + "x"), status: 400, want: []string{`POST /contacts/7/photos: multipart part "photo" is missing: /components/schemas/Photos/required`}},
		"part of wrong type":  {another: true, method: "POST", path: "/contacts/7/photos", contentType: formType, body: photos(strings.Replace(jpeg, "image/jpeg", "image/gif", 1)), status: 400, want: []string{`POST /contacts/7/photos: multipart part "photo" has the content type "image/gif" (want "image/png, image/jpeg"): ` + photo + "/requestBody/content/multipart~1form-data/encoding/photo/contentType"}},
		"part too long":       {another: true, method: "POST", path: "/contacts/7/photos", contentType: formType, body: photos(jpeg, caption+"12345678901"), status: 400, want: []string{`POST /contacts/7/photos: multipart part "caption": maximum string length is 10: /components/schemas/Photos/properties/caption/maxLength`}},
		"part is not JSON":    {another: true, method: "POST", path: "/contacts/7/photos", contentType: formType, body: photos(jpeg, place+"{"), status: 400, want: []string{`POST /contacts/7/photos: multipart part "place": value must be an object: /components/schemas/Photos/properties/place/type`}},
		"part lacks property": {another: true, method: "POST", path: "/contacts/7/photos", contentType: formType, body: photos(jpeg, place+"{}"), status: 400, want: []string{`POST /contacts/7/photos: multipart part "place": property "lat" is missing: /components/schemas/Photos/properties/place/required`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := commboxtest.NewServer()
			t.Cleanup(s.Close)
			if tt.another {
				s = another(t)
			}
			r := request(t, s, tt.method, tt.path, tt.contentType, []byte(tt.body))
			if tt.noKey {
				r.Header.Del("Authorization")
			}
			if tt.header[0] != "" {
				r.Header.Set(tt.header[0], tt.header[1])
			}
			a := mustDo(t, s.HTTPClient(), r)
			got := s.Violations()
			if a.StatusCode != tt.status || len(s.Uploads()) != 0 {
				t.Errorf("%s, uploads %v", a.Status, s.Uploads())
			}
			if !slices.EqualFunc(got, tt.want, strings.HasPrefix) {
				t.Errorf("violations:\n got %s\nwant %s", strings.Join(got, "\n     "), strings.Join(tt.want, "\n     "))
			}
			if a.StatusCode != http.StatusMethodNotAllowed && a.Header.Get("Content-Type") == "application/json" {
				var envelope struct{ Status any }
				if err := json.Unmarshal(a.body, &envelope); err != nil || envelope.Status == nil {
					t.Errorf("not the document's example: %q, %v", a.body, err)
				}
			}
		})
	}
}

func TestUnusableDocuments(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]string{
		"no JSON":   "{",
		"no paths":  `{"openapi":"3.0.3","info":{"title":"x","version":"1"}}`,
		"dangling":  `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"$ref":"#/components/responses/Gone"}}}}}}`,
		"undefined": `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/a":{"get":{"responses":{"200":{"description":"x","content":{"application/json":{"schema":{"type":"strange"}}}}}}}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "commboxtest: ") || !strings.Contains(text, "OpenAPI document") {
					t.Errorf("panic: %q", text)
				}
			}()
			commboxtest.NewServer(commboxtest.WithDocument([]byte(document))).Close()
		})
	}
}
