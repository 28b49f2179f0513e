package commbox

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/commbox-go/client/commbox/internal/await"
)

// KeySource yields the API key for one attempt. It is asked before every
// attempt, and once more after a 401: if the key is another one by then, the
// attempt is repeated. It must be safe for concurrent use.
type KeySource interface {
	Key(ctx context.Context) (string, error)
}

// KeyFunc is a function as a KeySource.
type KeyFunc func(ctx context.Context) (string, error)

// Key calls f.
func (f KeyFunc) Key(ctx context.Context) (string, error) { return f(ctx) }

// promptKey is a source that waits for nobody. Its key is in a closure, of which
// fmt prints an address.
type promptKey struct {
	get   func() (string, error)
	fixed bool // what it yields never changes
}

func (k promptKey) Key(context.Context) (string, error) { return k.get() }

// APIKey is a key that does not change. New refuses one that cannot be sent.
func APIKey(key string) KeySource {
	return promptKey{func() (string, error) { return key, nil }, true}
}

// APIKeyEnv reads the key from an environment variable, at every attempt.
func APIKeyEnv(name string) KeySource {
	return promptKey{get: func() (string, error) {
		key := strings.TrimSpace(os.Getenv(name))
		if key == "" {
			return "", invalid("the environment variable %s is not set", name)
		}
		return key, nil
	}}
}

// APIKeyFile reads the key from a file, at every attempt, so that a secret
// manager can replace the file while the program runs. White space around the
// key is ignored. While the file is missing or empty, as it can be for a moment
// when it is replaced, the last key that was read goes on being used: CommBox
// lets an old key work for a while.
func APIKeyFile(path string) KeySource {
	var mu sync.Mutex
	var last string
	return KeyFunc(func(context.Context) (string, error) {
		data, err := os.ReadFile(path)
		key := strings.TrimSpace(string(data))
		if key == "" && err == nil {
			err = fmt.Errorf("%s is empty", path)
		}
		mu.Lock()
		defer mu.Unlock()
		if last = cmp.Or(key, last); last != "" {
			return last, nil
		}
		return "", err
	})
}

// checked has a source give only keys that can stand after "Bearer " in a header
// (RFC 6750, section 2.1), and lets ctx end the wait for it: a source may not know
// of ctx, and a file may be a pipe. No error of its own contains the key.
func checked(source KeySource) func(context.Context) (string, error) {
	return func(ctx context.Context) (key string, err error) {
		if prompt, ok := source.(promptKey); ok {
			key, err = prompt.get()
		} else {
			key, err = await.Do(ctx, func() (string, error) { return source.Key(ctx) }, func(string) {})
		}
		switch {
		case err != nil:
		case key == "":
			err = invalid("the API key is empty")
		case strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }):
			err = invalid("the API key contains a space or another character that a header cannot carry; give it without \"Bearer\"")
		}
		if err != nil {
			return "", fmt.Errorf("API key: %w", err)
		}
		return key, nil
	}
}
