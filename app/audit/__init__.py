"""The record of every act, chained so that tampering shows."""
