"""Land of campuses: grown from cells or given by the user, with shape and neighbours."""
