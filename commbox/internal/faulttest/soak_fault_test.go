package faulttest_test

import (
	"math/rand/v2"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

// soakFault is a fault, and how often it is drawn.
type soakFault struct {
	weight int
	fault  func(r *rand.Rand) commboxtest.Fault
}

func soakFaults() []soakFault {
	is := func(f commboxtest.Fault) func(*rand.Rand) commboxtest.Fault {
		return func(*rand.Rand) commboxtest.Fault { return f }
	}
	somewhere := func(f func(int64) commboxtest.Fault) func(*rand.Rand) commboxtest.Fault {
		return func(r *rand.Rand) commboxtest.Fault { return f(r.Int64N(1 << (4 + r.IntN(18)))) }
	}
	status := func(r *rand.Rand, codes ...int) int { return codes[r.IntN(len(codes))] }
	passing := []int{408, 429, 500, 502, 503, 504}
	final := []int{307, 400, 401, 403, 404, 413, 415, 422, 501, 505}
	return []soakFault{
		{8, is(commboxtest.Refuse())},
		{2, func(r *rand.Rand) commboxtest.Fault { return commboxtest.Refuse().Times(1 + r.IntN(5)) }},
		{8, somewhere(commboxtest.Reset)},
		{1, somewhere(commboxtest.Stall)},
		{1, func(r *rand.Rand) commboxtest.Fault {
			return commboxtest.StallFor(r.Int64N(20000), 50*time.Millisecond)
		}},
		{1, func(r *rand.Rand) commboxtest.Fault { return commboxtest.Slow(100_000 + r.Int64N(1<<22)) }},
		{8, func(r *rand.Rand) commboxtest.Fault { return commboxtest.Status(status(r, passing...)) }},
		{3, func(r *rand.Rand) commboxtest.Fault {
			return commboxtest.Status(status(r, passing...), commboxtest.CutAfter(r.IntN(40)))
		}},
		{3, func(r *rand.Rand) commboxtest.Fault {
			return commboxtest.Status(status(r, 500, 503), commboxtest.Empty())
		}},
		{2, func(r *rand.Rand) commboxtest.Fault { return commboxtest.Status(503).Times(1 + r.IntN(20)) }},
		{1, is(commboxtest.Status(429, commboxtest.Header("Retry-After", "0")))},
		{4, func(r *rand.Rand) commboxtest.Fault { return commboxtest.Status(status(r, final...)) }},
		{5, func(r *rand.Rand) commboxtest.Fault { return commboxtest.EarlyAnswer(status(r, passing...)) }},
		{3, func(r *rand.Rand) commboxtest.Fault { return commboxtest.EarlyAnswer(status(r, final...)) }},
		{3, is(commboxtest.ExpectationFailed())},
		{1, is(commboxtest.ContinueIgnored())},
		{2, func(r *rand.Rand) commboxtest.Fault {
			return commboxtest.LateAnswer(status(r, passing...), r.Int64N(1<<18))
		}},
		{2, is(earlySuccess())},
		{5, func(r *rand.Rand) commboxtest.Fault { return commboxtest.Cut(r.IntN(200)) }},
		{5, is(commboxtest.LostAnswer())},
		{4, is(commboxtest.Garbled())},
		{4, is(commboxtest.LooseTypes())},
		{3, is(commboxtest.WrongTypes())},
		{2, is(commboxtest.Answer(200, "text/html", "<html>Sign in</html>"))},
		{2, is(commboxtest.Answer(200, "application/json", `{"status":"503"}`))},
	}
}

func (s *soak) draw(r *rand.Rand) commboxtest.Fault {
	total := 0
	for _, f := range s.faults {
		total += f.weight
	}
	n := r.IntN(total)
	for _, f := range s.faults {
		if n -= f.weight; n < 0 {
			return f.fault(r)
		}
	}
	panic("unreachable")
}
