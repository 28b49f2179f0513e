package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/commbox-go/client/commbox/commboxtest"
)

const faultHelp = `A fault is a name or a status, and what it is for, with commas between:
  429,retry-after=2,times=3    an answer, here for three attempts
  early=401                    an answer before the file is read
  reset=N, stall=N, cut=N      after N bytes; slow=N: at N bytes per second
  refuse, lost, garbled
  times=N or forever, stream=ID, file=NAME`

// parseFault reads a fault of a flag or a header.
func parseFault(spec string) (commboxtest.Fault, error) {
	words := strings.Split(spec, ",")
	var answer []commboxtest.AnswerOption
	var scope []func(commboxtest.Fault) commboxtest.Fault
	for _, word := range words[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(word), "=")
		n, notNumber := strconv.Atoi(value)
		switch {
		case name == "retry-after" && value != "":
			answer = append(answer, commboxtest.Header("Retry-After", value))
		case name == "times" && notNumber == nil && n > 0:
			scope = append(scope, func(f commboxtest.Fault) commboxtest.Fault { return f.Times(n) })
		case name == "forever":
			scope = append(scope, commboxtest.Fault.Forever)
		case name == "stream" && value != "":
			scope = append(scope, func(f commboxtest.Fault) commboxtest.Fault { return f.ForStream(value) })
		case name == "file" && value != "":
			scope = append(scope, func(f commboxtest.Fault) commboxtest.Fault { return f.ForFile(value) })
		default:
			return commboxtest.Fault{}, fmt.Errorf("fault %q: %q is not known", spec, word)
		}
	}
	f, err := namedFault(strings.TrimSpace(words[0]), answer)
	if err != nil {
		return f, fmt.Errorf("fault %q: %w", spec, err)
	}
	for _, narrow := range scope {
		f = narrow(f)
	}
	return f, nil
}

func namedFault(word string, answer []commboxtest.AnswerOption) (commboxtest.Fault, error) {
	name, value, hasValue := strings.Cut(word, "=")
	if code, err := strconv.Atoi(name); err == nil && !hasValue && validStatus(code) {
		return commboxtest.Status(code, answer...), nil
	}
	n, err := strconv.ParseInt(value, 10, 64)
	if hasValue && (err != nil || n < 0) {
		return commboxtest.Fault{}, fmt.Errorf("%q is no number", value)
	}
	switch {
	case name == "early" && validStatus(int(n)):
		return commboxtest.EarlyAnswer(int(n), answer...), nil
	case name == "reset":
		return commboxtest.Reset(n), nil
	case name == "stall":
		return commboxtest.Stall(n), nil
	case name == "cut":
		return commboxtest.Cut(int(n)), nil
	case name == "slow" && n > 0:
		return commboxtest.Slow(n), nil
	case name == "refuse":
		return commboxtest.Refuse(), nil
	case name == "lost":
		return commboxtest.LostAnswer(), nil
	case name == "garbled":
		return commboxtest.Garbled(), nil
	}
	return commboxtest.Fault{}, fmt.Errorf("%q is not known", word)
}

func validStatus(code int) bool { return code >= 200 && code <= 599 }

// uploaded is an upload as JSON.
type uploaded struct {
	FileName    string `json:"filename"`
	ContentType string `json:"content_type"`
	Size        int64  `json:"bytes"`
	SHA256      string `json:"sha256"`
	StreamID    string `json:"stream_id"`
	ID          string `json:"id"`
	Attempt     int    `json:"attempt"`
}

// requested is a request as JSON.
type requested struct {
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Status    int       `json:"status"`
	Bytes     int64     `json:"bytes"`
	Fault     string    `json:"fault,omitempty"`
}
