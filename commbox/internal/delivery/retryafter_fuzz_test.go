package delivery

import (
	"math"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"
)

func FuzzRetryAfter(f *testing.F) {
	for _, v := range []string{
		"", "0", "7", " 120 ", "-1", "+5", "1.5", "1e3", "0x10", "9223372036", "9223372037", "99999999999999999999", "٣",
		"Fri, 07 Nov 2025 10:00:07 GMT", "Friday, 07-Nov-25 10:00:07 GMT", "Fri Nov  7 10:00:07 2025",
		"Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 01 Jan 0000 00:00:00 GMT", "soon",
	} {
		f.Add(v, "")
		f.Add(v, "Fri, 07 Nov 2025 10:00:00 GMT")
	}
	now := time.Date(2025, 11, 7, 10, 0, 0, 0, time.UTC)
	most := big.NewInt(math.MaxInt64 / int64(time.Second))
	f.Fuzz(func(t *testing.T, value, date string) {
		h := http.Header{"Retry-After": {value}}
		if date != "" {
			h.Set("Date", date)
		}
		wait, ok := retryAfter(h, now)
		if wait < 0 || wait > 0 && !ok {
			t.Fatalf("%v, %v", wait, ok)
		}
		value = strings.TrimSpace(value)
		if seconds, isNumber := new(big.Int).SetString(value, 10); isNumber && !strings.ContainsAny(value, "+-_") {
			want := seconds.Cmp(most) <= 0
			if ok != want || ok && wait != time.Duration(seconds.Int64())*time.Second {
				t.Fatalf("%q: %v, %v", value, wait, ok)
			}
			return
		}
		from := now
		if d, err := http.ParseTime(date); err == nil {
			from = d
		}
		if at, err := http.ParseTime(value); ok && (err != nil || !from.Add(wait).Equal(at)) {
			t.Fatalf("%q from %v: %v, %v", value, from, wait, err)
		}
	})
}
