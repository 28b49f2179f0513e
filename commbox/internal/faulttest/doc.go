// Package faulttest tests whole uploads under faults: every fault with every kind of
// file, thousands of uploads with random faults, outages, and limited memory. Its tests
// run one combination of each kind; with COMMBOX_TEST_LONG=1 they run all of them.
package faulttest
