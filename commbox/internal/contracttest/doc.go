// Package contracttest tests the generated client against the document. Its tests call
// every operation by reflection, so they need no change when operations change.
package contracttest
