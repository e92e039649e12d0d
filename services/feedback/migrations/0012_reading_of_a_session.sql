-- Whether a session's reading was corrected is asked of all its earlier readings, point by point of a course.
CREATE INDEX reading_session ON reading (course_id, appointment_id);
