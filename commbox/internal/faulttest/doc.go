// Package faulttest uploads through everything that can go wrong, as whole
// programs do: every fault with every kind of file, thousands of uploads with
// faults at random, outages, and the limits of memory. Its tests run one cell of
// each kind; with COMMBOX_TEST_LONG=1 they run all of them.
package faulttest
