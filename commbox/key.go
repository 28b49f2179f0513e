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

// KeySource yields the API key for one attempt. Key is called before every attempt,
// and once more after a 401: if it then returns a different key, the attempt is
// repeated. A KeySource must be safe for concurrent use.
type KeySource interface {
	Key(ctx context.Context) (string, error)
}

// KeyFunc is a function as a KeySource.
type KeyFunc func(ctx context.Context) (string, error)

// Key calls f.
func (f KeyFunc) Key(ctx context.Context) (string, error) { return f(ctx) }

// promptKey is a source that never blocks. Its key is in a closure, so that fmt
// prints an address and not the key.
type promptKey struct {
	get   func() (string, error)
	fixed bool // the key never changes
}

func (k promptKey) Key(context.Context) (string, error) { return k.get() }

// APIKey is a key that does not change. New refuses a key that cannot be sent.
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

// APIKeyFile reads the key from a file at every attempt, so that a secret manager
// can replace the file while the program runs. White space around the key is
// ignored. The file may be missing or empty for a moment while it is replaced; the
// last key that was read is then used, since CommBox accepts an old key for a while.
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

// checked returns a function that gets the key of source. It refuses a key that
// cannot follow "Bearer " in a header (RFC 6750, section 2.1). It returns when ctx
// ends, even if source ignores ctx or reads a pipe. Its own errors never contain
// the key.
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
