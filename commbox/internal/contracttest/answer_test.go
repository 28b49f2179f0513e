package contracttest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/gen"
	"github.com/getkin/kin-openapi/openapi3"
)

// contractAnswer is an answer as the document shows it.
type contractAnswer struct {
	status    int
	key       string // of the status in the document: "200", "4XX", "default"
	mediaType string
	body      []byte
	schema    *openapi3.SchemaRef
	at        string // of the schema, or of the response where there is none
}

func (a contractAnswer) isJSON() bool {
	mediaType, _, _ := mime.ParseMediaType(a.mediaType)
	return mediaType == "application/json"
}

func (a contractAnswer) String() string {
	return fmt.Sprintf("the documented %d %.300s", a.status, a.body)
}

// contractRule is what a caller gets for a status.
type contractRule struct {
	is     error // the sentinel
	safe   bool  // tried again if the call is repeat-safe
	always bool  // tried again in any case
	maybe  bool  // MaybeDelivered
}

// contractRules are the statuses that the client has a rule for: those that
// CommBox documents and those that proxies add.
func contractRules() map[int]contractRule {
	perhaps := contractRule{is: commbox.ErrServer, safe: true, maybe: true}
	return map[int]contractRule{
		http.StatusOK:                    {},
		http.StatusBadRequest:            {is: commbox.ErrBadRequest},
		http.StatusUnauthorized:          {is: commbox.ErrUnauthorized},
		http.StatusForbidden:             {is: commbox.ErrUnauthorized},
		http.StatusNotFound:              {is: commbox.ErrNotFound},
		http.StatusRequestTimeout:        perhaps,
		http.StatusRequestEntityTooLarge: {is: commbox.ErrBadRequest},
		http.StatusTooManyRequests:       {is: commbox.ErrRateLimited, safe: true, always: true},
		http.StatusInternalServerError:   perhaps,
		http.StatusNotImplemented:        {is: commbox.ErrServer},
		http.StatusBadGateway:            perhaps,
		http.StatusServiceUnavailable:    perhaps,
		http.StatusGatewayTimeout:        perhaps,
	}
}

// rule returns what the client does about a status. For the operation that it
// wraps that has to be said of each; for others the hundreds decide.
func (c *contract) rule(op *contractOperation, status int) (contractRule, bool) {
	if rule, ok := contractRules()[status]; ok {
		return rule, true
	}
	wrapped := c.upload != nil && op.at == c.upload.at
	switch status / 100 {
	case 2, 3:
		return contractRule{}, !wrapped
	case 4:
		return contractRule{is: commbox.ErrBadRequest}, !wrapped
	case 5:
		return contractRule{is: commbox.ErrServer}, !wrapped
	default:
		return contractRule{}, false
	}
}

// checkResponses is about every answer that the document has for an operation.
func (c *contract) checkResponses(op *contractOperation, method contractMethod, s *contractServer) {
	for _, key := range slices.Sorted(maps.Keys(op.Responses.Map())) {
		ref := op.Responses.Value(key)
		at := op.at + contractPointer("responses", key)
		status, err := strconv.Atoi(strings.NewReplacer("X", "0", "x", "0", "default", "500").Replace(key))
		if err != nil {
			c.t.Fatal(err)
		}
		rule, ok := c.rule(op, status)
		wrapped := c.upload != nil && op.at == c.upload.at
		if !ok || wrapped && strconv.Itoa(status) != key {
			c.breach(at, "the client has no rule for the %s of %s: say in kindOfStatus (errors.go) what it is and in again (delivery/policy.go) "+
				"whether it is tried again, or in checkSuccess (envelope.go) that it is a success, then add it to contractRules (answer_test.go)", key, op)
			continue
		}
		if ref.Ref != "" {
			at = strings.TrimPrefix(ref.Ref, "#")
		}
		for _, answer := range contractAnswers(ref.Value, contractAnswer{status: status, key: key, at: at}) {
			switch {
			case wrapped && answer.mediaType == "":
				continue // it claims nothing
			case wrapped && !answer.isJSON():
				c.breach(answer.at, "%s answers %s with %q, and the client reads application/json", op, key, answer.mediaType)
				continue
			}
			s.set(answer)
			if wrapped {
				c.checkUpload(op, answer, rule, s)
			}
			if op.method != http.MethodHead {
				c.checkCall(op, method, answer, rule, s)
			}
		}
	}
}

// checkUpload is about what UploadMedia makes of an answer.
func (c *contract) checkUpload(op *contractOperation, a contractAnswer, rule contractRule, s *contractServer) {
	media, err := contractClient(c.t, s.Server).UploadMedia(c.t.Context(), "abc==", smallPDF())
	if a.status >= 300 {
		c.checkError("UploadMedia", op, a, rule, err, rule.safe, true)
		return
	}
	var answer gen.UploadAnswer
	if err != nil || json.Unmarshal(a.body, &answer) != nil || len(answer.Data) == 0 {
		c.breach(a.at, "UploadMedia finds no media in %v: %v", a, err)
		return
	}
	if first := answer.Data[0]; first.ID == "" || media.ID != string(first.ID) || media.Filename != first.Filename {
		c.breach(a.at, "UploadMedia returns the media %q, %q for %v", media.ID, media.Filename, a)
	}
}

// checkCall is about what the generated method makes of an answer.
func (c *contract) checkCall(op *contractOperation, m contractMethod, a contractAnswer, rule contractRule, s *contractServer) {
	field, has := m.answer().FieldByName("JSON" + strings.ToUpper(a.key[:1]) + a.key[1:])
	if a.isJSON() && a.schema != nil {
		if !has {
			c.breach(a.at, "gen.%s has no field for the %s of %s: run make generate", m.answer().Name(), a.key, op)
			return
		}
		c.checkType(m.answer().Name()+"."+field.Name, field.Type, a.schema, a.at)
	}
	answer, err := m.call(contractClient(c.t, s.Server).API(), c)
	if a.status >= 300 {
		again := rule.always || rule.safe && op.method != http.MethodPost && op.method != http.MethodPatch
		c.checkError("gen."+m.Name, op, a, rule, err, again, false)
		return
	}
	if err != nil {
		c.breach(a.at, "gen.%s makes nothing of %v: %v", m.Name, a, err)
		return
	}
	if got := answer.Elem().FieldByName("Body").Bytes(); !bytes.Equal(got, a.body) {
		c.breach(a.at, "gen.%s returns the body %.300q for %v", m.Name, got, a)
	}
	if !a.isJSON() || !has {
		return
	}
	decoded := answer.Elem().FieldByIndex(field.Index)
	if decoded.Kind() == reflect.Pointer && decoded.IsNil() {
		c.breach(a.at, "gen.%s leaves %s empty for %v", m.Name, field.Name, a)
		return
	}
	again, err := json.Marshal(decoded.Interface())
	if err != nil {
		c.t.Fatal(err)
	}
	for _, place := range contractLost(contractJSON(a.body), contractJSON(again), "") {
		c.breach(contractInside(a.schema, a.at, place), "%s of %v is lost in gen.%s.%s", place, a, m.answer().Name(), field.Name)
	}
}

// checkError holds the error of a call to the answer that it is made of. All
// of the answer has to be in it where the operation is wrapped, and that much
// of the envelope elsewhere.
func (c *contract) checkError(who string, op *contractOperation, a contractAnswer, rule contractRule, err error, again, all bool) {
	var e *commbox.Error
	if !errors.As(err, &e) || e.StatusCode != a.status {
		c.breach(a.at, "%s does not return an *Error of status %d for %v, but %v", who, a.status, a, err)
		return
	}
	attempts := 1
	if again {
		attempts = 2 // as many as the policy here has
	}
	for _, sentinel := range []error{commbox.ErrBadRequest, commbox.ErrUnauthorized, commbox.ErrNotFound, commbox.ErrRateLimited, commbox.ErrServer} {
		if errors.Is(err, sentinel) != errors.Is(rule.is, sentinel) {
			c.breach(a.at, "errors.Is(err, %q) is %v after %s and %v (kindOfStatus in errors.go)", sentinel, errors.Is(err, sentinel), who, a)
		}
	}
	if e.Attempts != attempts || e.MaybeDelivered != rule.maybe {
		c.breach(a.at, "%s of %s makes %d attempts (want %d), MaybeDelivered is %v (want %v), for %v (again in delivery/policy.go)",
			who, op, e.Attempts, attempts, e.MaybeDelivered, rule.maybe, a)
	}
	if !a.isJSON() || a.schema == nil {
		return
	}
	if at := a.schema.Value.Properties["response_time"]; all && at != nil && at.Value.Format != "date-time" {
		c.breach(contractInside(a.schema, a.at, "/response_time"), "%s documents the time of its %d as a %v of format %q, and *commbox.Error has a time.Time for it",
			op, a.status, at.Value.Type, at.Value.Format)
	}
	want := contractJSON(a.body)
	if !all {
		fields, _ := want.(map[string]any) // it may be of any shape
		want = map[string]any{"status": fields["status"], "description": fields["description"], "response_time": fields["response_time"]}
	}
	for _, place := range contractLost(want, contractJSON(contractEnvelope(e)), "") {
		c.breach(contractInside(a.schema, a.at, place), "%s of %v is not found in *commbox.Error (newError in errors.go)", place, a)
	}
}

// contractEnvelope is the answer that an error tells of.
func contractEnvelope(e *commbox.Error) []byte {
	type row struct {
		Recipient string `json:"recipient"`
		Status    string `json:"status"`
		Failed    string `json:"failed"`
	}
	var rows []row
	for _, f := range e.Failures {
		rows = append(rows, row{f.Recipient, f.Status, f.Reason})
	}
	body, _ := json.Marshal(struct {
		Status       string    `json:"status"`
		Description  string    `json:"description"`
		ResponseTime time.Time `json:"response_time"`
		Data         []row     `json:"data"`
	}{e.Status, e.Description, e.ResponseTime, rows})
	return body
}
