"""What people write and keep beside the steps of a case: drafts, remarks, attachments, objections to a counted day."""
