// Package specdiff pins the versions of oasdiff and apidiff for spec-diff.sh. It is a
// separate module, so that the client does not depend on them.
package specdiff
