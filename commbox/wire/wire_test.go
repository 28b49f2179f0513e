package wire_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/commbox-go/client/commbox/wire"
)

func TestText(t *testing.T) {
	t.Parallel()
	for data, want := range map[string]wire.Text{
		`"200"`: "200", `200`: "200", `-1.5e3`: "-1.5e3", `9007199254740993`: "9007199254740993",
		`""`: "", `null`: "", `true`: "true", ` "a" `: "a", `"\u05d0\"\\\/"`: "א\"\\/", `"א"`: "א", "\"\xff\"": "\ufffd",
	} {
		var got wire.Text
		if err := json.Unmarshal([]byte(data), &got); err != nil || got != want {
			t.Errorf("%s is %q, %v; want %q", data, got, err, want)
		}
	}
	for _, data := range []string{`{}`, `[]`, `{"a":1}`} {
		var got wire.Text
		if err := json.Unmarshal([]byte(data), &got); err == nil {
			t.Errorf("%s is %q", data, got)
		}
	}
}

func TestTime(t *testing.T) {
	t.Parallel()
	at := time.Date(2025, 2, 6, 7, 51, 52, 258194200, time.UTC)
	for data, want := range map[string]time.Time{
		`"2025-02-06T07:51:52.2581942Z"`:      at,
		`"2025-02-06T07:51:52.2581942"`:       at,
		`"2025-02-06T09:51:52.2581942+02:00"`: at,
		`"2025-02-06T07:51:52"`:               at.Truncate(time.Second),
		`"2025-02-06"`:                        at.Truncate(24 * time.Hour),
		`null`:                                {}, `""`: {}, `"yesterday"`: {}, `17`: {}, `{}`: {},
	} {
		got := wire.Time{Time: time.Unix(1, 0)}
		if data == `null` {
			got = wire.Time{}
		}
		if err := json.Unmarshal([]byte(data), &got); err != nil || !got.Equal(want) {
			t.Errorf("%s is %v, %v; want %v", data, got, err, want)
		}
	}
	if data, err := json.Marshal(wire.Time{Time: at}); err != nil || string(data) != `"2025-02-06T07:51:52.2581942Z"` {
		t.Errorf("%s, %v", data, err)
	}
}
