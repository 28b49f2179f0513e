package commboxtest_test

import (
	"encoding/json"
	"testing"

	"github.com/commbox-go/client/commbox/commboxtest"
)

func TestChangedAnswers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault   commboxtest.Fault
		want    string
		garbled bool
	}{
		"none":    {fault: commboxtest.Slow(1 << 30), want: `{"data":[{"filename":"offer.pdf","id":"257250616863051"}],"description":"Operation successful","response_time":"2024-08-06T07:51:52.2581942Z","status":"200"}`},
		"loose":   {fault: commboxtest.LooseTypes(), want: `{"data":[{"filename":"offer.pdf","id":257250616863051}],"description":"Operation successful","response_time":"2024-08-06T07:51:52.2581942","status":200}`},
		"wrong":   {fault: commboxtest.WrongTypes(), want: `{"data":{"items":[{"filename":"offer.pdf","id":"257250616863051"}]},"description":"Operation successful","response_time":"2024-08-06T07:51:52.2581942Z","status":"200"}`},
		"garbled": {fault: commboxtest.Garbled(), garbled: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, s *commboxtest.Server) {
				s.Fail(tt.fault)
				a := mustDo(t, s.HTTPClient(), uploadRequest(t, s, "x", random(10)))
				if a.StatusCode != 200 || a.Header.Get("Content-Type") != "application/json" || len(s.Uploads()) != 1 {
					t.Errorf("%s, %v, uploads %v", a.Status, a.Header, s.Uploads())
				}
				if json.Valid(a.body) == tt.garbled || !tt.garbled && string(a.body) != tt.want {
					t.Errorf("answer:\n got %s\nwant %s", a.body, tt.want)
				}
				noViolations(t, s)
			})
		})
	}
}
