// Package specdiff pins oasdiff and apidiff for spec-diff.sh, in a module of
// its own, so that they are no dependency of the client.
package specdiff
