package delivery

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 500e6, time.UTC)
	tests := map[string]struct {
		value, date string
		want        time.Duration
		ok          bool
	}{
		"absent":                    {"", "", 0, false},
		"seconds":                   {"120", "", 2 * time.Minute, true},
		"zero":                      {"0", "", 0, true},
		"spaces":                    {"  5 ", "", 5 * time.Second, true},
		"negative":                  {"-1", "", 0, false},
		"signed":                    {"+5", "", 0, false},
		"fraction":                  {"1.5", "", 0, false},
		"exponent":                  {"1e3", "", 0, false},
		"words":                     {"soon", "", 0, false},
		"a list":                    {"5, 10", "", 0, false},
		"longer than a duration":    {"9223372037", "", 0, false},
		"longer than an int64":      {"99999999999999999999", "", 0, false},
		"a date":                    {"Sun, 01 Mar 2026 12:00:30 GMT", "", 29500 * time.Millisecond, true},
		"a date, by server's clock": {"Sun, 01 Mar 2026 15:00:30 GMT", "Sun, 01 Mar 2026 15:00:00 GMT", 30 * time.Second, true},
		"a date of RFC 850":         {"Sunday, 01-Mar-26 12:00:30 GMT", "Sun, 01 Mar 2026 12:00:00 GMT", 30 * time.Second, true},
		"a date in the past":        {"Sun, 01 Mar 2026 11:00:00 GMT", "", 0, false},
		"a date beyond durations":   {"Sun, 01 Mar 9999 11:00:00 GMT", "", 0, false},
		"a broken date":             {"Sun, 41 Mar 2026 12:00:30 GMT", "", 0, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			if test.value != "" {
				h.Set("Retry-After", test.value)
			}
			if test.date != "" {
				h.Set("Date", test.date)
			}
			if got, ok := retryAfter(h, now); got != test.want || ok != test.ok {
				t.Errorf("Retry-After %q is %v, %v; want %v, %v", test.value, got, ok, test.want, test.ok)
			}
		})
	}
}
